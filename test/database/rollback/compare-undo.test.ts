import assert from 'node:assert/strict';
import type pg from 'pg';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import type { Lab } from '../../lab/lab';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import { lintTexts } from '../../unit/lint/memory-project';
import { compare, fixture, isRisk, pairsOf, shown } from '../../unit/rollback/pairs';
import { snapshot } from './catalog-snapshot';

const base = fixture('inverse-base.sql');

/** The undo that the quick fix writes. */
function undoOf(v: string, grammar: Grammar): string {
  const finding = lintTexts({ 'V1__v.sql': v }, grammar).find(({ fix }) => fix?.kind === 'create-undo');
  return finding?.fix?.kind === 'create-undo' ? finding.fix.text : '';
}

for (const major of testedMajors) {
  describe(`V against U, beside PostgreSQL ${major}`, function () {
    this.timeout(120_000);
    let lab: Lab;
    let client: pg.Client;
    let grammar: Grammar;
    before(async () => {
      grammar = await loadGrammar();
      lab = await sharedLab({ major });
      await lab.primary.run('CREATE DATABASE undo_pairs');
      client = await lab.primary.connect({ database: 'undo_pairs' });
      await client.query(base);
    });
    after(async () => {
      await client.end();
      await lab.primary.run('DROP DATABASE undo_pairs');
      await lab.primary.run('DROP ROLE r1, r2');
    });

    /** Whether the server is left as it was; undefined when it takes the V script not at all. */
    async function isExact(v: string, u: string): Promise<boolean | undefined> {
      await client.query('BEGIN');
      try {
        const before = await snapshot(client);
        if (!(await runs(v))) return undefined;
        // Flyway undoes in a session of its own.
        await client.query('RESET search_path');
        if (!(await runs(u))) return false;
        await client.query('RESET search_path');
        return JSON.stringify(await snapshot(client)) === JSON.stringify(before);
      } finally {
        await client.query('ROLLBACK');
      }
    }
    const runs = (sql: string): Promise<boolean> =>
      client.query(sql).then(
        () => true,
        () => false,
      );

    it('takes the undo that is written for it, where that says that it is whole', async () => {
      const wrong: string[] = [];
      let run = 0;
      for (const v of new Set([...pairsOf('own-pairs.txt'), ...pairsOf('inverse-pairs.txt')].map(([first]) => first))) {
        const undo = undoOf(v, grammar);
        const exact = undo.includes('RAISE EXCEPTION') ? undefined : await isExact(v, undo);
        if (exact === undefined) continue;
        run++;
        // Nothing in the script tells that the column was NOT NULL before.
        if (!exact && !v.endsWith('b SET NOT NULL')) wrong.push(`${v} ### ${undo}`);
      }
      assert.deepEqual(wrong, []);
      assert.ok(run > 120, `only ${run} undos ran`);
    });

    it('finds something exactly where the server is left another', async () => {
      const wrong: string[] = [];
      let run = 0;
      for (const [v, u] of [...pairsOf('own-pairs.txt'), ...pairsOf('inverse-pairs.txt')]) {
        const exact = await isExact(v, u);
        if (exact === undefined) continue;
        run++;
        const found = compare(base, v, u, grammar).filter((one) => !isRisk(one));
        if (exact !== (found.length === 0)) wrong.push(`${v} ### ${u}: ${exact ? shown(found) : 'nothing found'}`);
      }
      assert.deepEqual(wrong, []);
      assert.ok(run > 500, `only ${run} pairs ran`);
    });
  });
}
