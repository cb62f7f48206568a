import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import { strongest } from '../../../src/core/lint/impact/impact';
import { lockName, type LockMode } from '../../../src/core/lint/impact/lock-mode';
import { typeRewrite } from '../../../src/core/lint/impact/type-rewrite';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { Schema } from '../../../src/core/sql/replay/schema';
import { projectRoot } from '../../lab/project-root';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import { replay } from '../../unit/lint/replayed';
import { rulePages } from '../../unit/lint/rule-page';
import { seenImpact } from './seen-locks';

const fixture = (name: string): string => readFileSync(path.join(projectRoot, 'test/fixtures/lint', name), 'utf8');
const linesOf = (name: string): string[] => fixture(name).split('\n').filter(Boolean);

for (const major of testedMajors)
  describe(`what a statement does, on PostgreSQL ${major}`, function () {
    this.timeout(120_000);
    let grammar: Grammar;
    let client: pg.Client;
    let drop: () => Promise<void>;

    before(async () => {
      grammar = await loadGrammar();
      const { primary } = await sharedLab({ major });
      await primary.run('CREATE DATABASE lint_locks');
      client = await primary.connect({ database: 'lint_locks' });
      await client.query("CREATE EXTENSION btree_gist; CREATE EXTENSION citext; SET timezone = 'UTC'");
      // In the server itself since 13; kept out of the schema that is emptied.
      if (major < 13)
        await client.query(`CREATE FUNCTION pg_catalog.gen_random_uuid() RETURNS uuid LANGUAGE sql VOLATILE
          AS 'SELECT md5(random()::text)::uuid'`);
      drop = async () => {
        await client.end();
        await primary.run(major < 13 ? 'DROP DATABASE lint_locks' : 'DROP DATABASE lint_locks WITH (FORCE)');
      };
    });
    after(async () => drop());

    describe('locks and rewrites', () => {
      const base = fixture('locks-base.sql');
      before(async () => await client.query(base));
      after(async () => emptied(client));
      for (const line of linesOf('locks-pg15.txt')) {
        const statement = line.slice(0, line.indexOf(' => '));
        it(statement, async () => {
          const seen = await seenImpact(client, statement);
          const schema = new Schema();
          replay(schema, base, grammar);
          const impacts = replay(schema, statement, grammar, 'V2__y.sql', major);
          const [, kind, dropped] = /^DROP (TABLE|VIEW) (\w+)/.exec(statement) ?? [];
          const renamed = / RENAME TO (t9)$/.exec(statement)?.[1];
          const modes = new Map<string, Set<string>>();
          for (const { relation, mode } of impacts.flatMap(({ locks }) => locks)) {
            if (schema.index(relation) || (kind !== undefined && relation === dropped)) continue;
            const key = relation === 't' ? (renamed ?? relation) : relation;
            modes.set(key, (modes.get(key) ?? new Set()).add(mode));
          }
          const predicted = [...modes].map(([key, set]) => `${key}:${[...set].sort().join('+')}`).sort();
          assert.deepEqual(seen.locks, predicted);
          assert.deepEqual(seen.rewritten, [...new Set(impacts.flatMap(({ rewrites }) => rewrites))].sort());
        });
      }
    });

    describe('changes of type', () => {
      const types = `CREATE TYPE e AS ENUM ('a'); CREATE DOMAIN du AS int; CREATE DOMAIN dc AS int CHECK (VALUE > 0);`;
      before(async () => await client.query(types));
      after(async () => emptied(client));
      for (const line of linesOf('type-change-rewrite-pg15.txt')) {
        const [, from = '', to = ''] = /^(.*) -> (.*): \[/.exec(line) ?? [];
        it(`${from} → ${to}`, async () => {
          const collation = / COLLATE (.*)$/.exec(to)?.[0] ?? '';
          const target = to.replace(collation, '');
          const make = (index: boolean): string =>
            `CREATE TABLE q (x ${from}); ${index ? 'CREATE INDEX qi ON q (x);' : ''}`;
          const schema = new Schema();
          replay(schema, types + make(false), grammar);
          const after = new Schema();
          replay(after, `${types}CREATE TABLE q (x ${target})`, grammar);
          const typeIn = (of: Schema): string => of.relation('q')?.columns.get('x')?.type ?? '?';
          const predicted = typeRewrite(typeIn(schema), typeIn(after), schema, collation !== '');
          const seen = async (zone: string, index: boolean): Promise<string> => {
            await client.query(make(index));
            try {
              const using = line.includes("'USING'") ? ` USING x::${target}` : '';
              const { rewritten } = await seenImpact(
                client,
                `SET LOCAL timezone = '${zone}'; ALTER TABLE q ALTER x TYPE ${target}${collation}${using}`,
              );
              return rewritten.includes('q') ? 'table' : rewritten.includes('qi') ? 'indexes' : 'none';
            } finally {
              await client.query('DROP TABLE q');
            }
          };
          // json, xml and the like have no order to index by.
          const indexed = !/^(json|jsonb|xml)$/.test(from) && !/^(json|xml)$/.test(target);
          const inUtc = await seen('UTC', indexed);
          const elsewhere = await seen('Europe/Berlin', indexed);
          assert.equal(inUtc === elsewhere ? inUtc : 'time-zone', predicted);
        });
      }
    });

    describe('the examples of the pages', () => {
      afterEach(async () => emptied(client));
      for (const page of rulePages().filter(({ locks }) => locks.length > 0)) {
        const needs14 = page.text.includes('CONCURRENTLY: 14 and later');
        it(`${page.rule}: the lock of the bad one, and the good one runs`, async () => {
          await client.query(page.before);
          const seen = await seenImpact(client, page.bad.map(({ text }) => text).join('\n'));
          const modes = strongest(
            seen.locks.flatMap((entry) => {
              const [relation = '', listed = ''] = entry.split(':');
              return listed.split('+').map((mode) => ({ relation, mode: mode as LockMode }));
            }),
          );
          // The page tells what newer versions do.
          const told = page.locks.filter(({ table }) => major >= 14 || table !== 'events_2023');
          for (const { mode, table } of told) {
            const found = [...modes].find(([name]) => name === table || name === renamedTo(page.rule, table))?.[1];
            assert.equal(found && lockName(found), mode, `${table}: ${seen.locks.join('; ')}`);
          }
          if (needs14 && major < 14) return;
          for (const { text, noTransaction } of page.good) {
            if (noTransaction) for (const one of text.split(/;\s*$/m)) await client.query(one);
            else await client.query(`BEGIN; ${text}; COMMIT`);
          }
        });
      }
    });
  });

/** The rename's lock is seen under the new name. */
function renamedTo(rule: string, table: string): string {
  return rule === 'safety/rename' ? 'purchases' : table;
}

async function emptied(client: pg.Client): Promise<void> {
  await client.query(
    'ROLLBACK; DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE EXTENSION IF NOT EXISTS btree_gist; CREATE EXTENSION IF NOT EXISTS citext',
  );
}
