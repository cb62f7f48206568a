import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { typeRewrite } from '../../../src/core/lint/impact/type-rewrite';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { Schema } from '../../../src/core/sql/replay/schema';
import { projectRoot } from '../../lab/project-root';
import { replay } from './replayed';

const fixture = (name: string): string => readFileSync(path.join(projectRoot, 'test/fixtures/lint', name), 'utf8');

let grammar: Grammar;
before(async () => {
  grammar = await loadGrammar();
});

describe('locks and rewrites, against what PostgreSQL 15 was seen to do', () => {
  const base = fixture('locks-base.sql');
  for (const line of fixture('locks-pg15.txt').split('\n').filter(Boolean)) {
    const [, statement = '', measured = '', rewritten = ''] = /^(.*) => (.*) \| REWRITE:(\S*)/.exec(line) ?? [];
    it(statement, () => {
      const schema = new Schema();
      replay(schema, base, grammar);
      const impacts = replay(schema, statement, grammar, 'V2__y.sql');
      const tables = (keys: Iterable<string>): string[] => [...keys].filter((key) => !schema.index(key)).sort();
      const predicted = new Map<string, Set<string>>();
      for (const { relation, mode } of impacts.flatMap(({ locks }) => locks))
        predicted.set(relation, (predicted.get(relation) ?? new Set()).add(mode));
      // What was dropped could not be seen when the locks were read, and a renamed table had its new name.
      for (const gone of /^DROP (?:TABLE|VIEW) (\w+)/.exec(statement)?.slice(1) ?? []) predicted.delete(gone);
      const renamed = / RENAME TO (t9)$/.exec(statement)?.[1];
      const shown = tables(predicted.keys()).map(
        (key) => `${key === 't' ? (renamed ?? key) : key}:${[...(predicted.get(key) ?? [])].sort().join('+')}`,
      );
      assert.equal(shown.sort().join('; ') || '(no relation lock)', sortedLocks(measured));
      const files = new Set(impacts.flatMap(({ rewrites }) => rewrites));
      assert.equal([...files].sort().join(',') || '-', rewritten.split(',').sort().join(','));
    });
  }
});

function sortedLocks(measured: string): string {
  return measured
    .split('; ')
    .map((part) => {
      const [relation = '', modes] = part.split(':');
      return modes === undefined ? relation : `${relation}:${modes.split('+').sort().join('+')}`;
    })
    .sort()
    .join('; ');
}

describe('changes of type, against what PostgreSQL 15 was seen to do', () => {
  const lines = fixture('type-change-rewrite-pg15.txt').split('\n').filter(Boolean);
  for (const line of lines) {
    const [, from = '', to = '', outcomes = ''] = /^(.*) -> (.*): (\[.*\])$/.exec(line) ?? [];
    const measured = [...outcomes.matchAll(/\('\w+', '(\w*)', ['"](.*?)['"]\)/g)].map((match) => match[2]);
    if (outcomes.includes("'ERR'")) continue;
    it(`${from} → ${to}`, () => {
      const schema = new Schema();
      replay(
        schema,
        `CREATE TYPE e AS ENUM ('a'); CREATE DOMAIN du AS int; CREATE DOMAIN dc AS int CHECK (VALUE > 0);
         CREATE TABLE q (x ${from}); CREATE INDEX qi ON q (x);`,
        grammar,
      );
      const collated = / COLLATE /.test(to);
      const column = schema.relation('q')?.columns.get('x');
      const target = collated ? 'text' : columnType(to);
      const expected: Record<string, string> = { none: 'none', qi: 'indexes', 'q,qi': 'table', q: 'table' };
      const wanted = new Set(measured.map((outcome) => expected[outcome ?? '']));
      assert.equal(
        typeRewrite(column?.type ?? '?', target, schema, collated),
        wanted.size > 1 ? 'time-zone' : [...wanted][0],
      );
    });
  }

  function columnType(type: string): string {
    const schema = new Schema();
    replay(schema, `CREATE TABLE q (x ${type})`, grammar);
    return schema.relation('q')?.columns.get('x')?.type ?? '?';
  }
});
