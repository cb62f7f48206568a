import assert from 'node:assert/strict';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { lintTexts } from './memory-project';

/** What servers of 13 and of 18 did, by the files of the table and its indexes before and after. */
describe('a column of another type', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });
  const indexes = `CREATE INDEX ai ON a (x); CREATE INDEX aexp ON a (lower(x)); CREATE INDEX akp ON a (x) WHERE ax > 0;
    CREATE INDEX aother ON a (ax) WHERE ax > 0; CREATE UNIQUE INDEX amix ON a (id, lower(x));
    CREATE INDEX aincl ON a (ax) INCLUDE (x) WHERE ax > 1; CREATE INDEX aplain ON a (ax) INCLUDE (x);`;
  /** `table`, the names of the indexes that are built again, or nothing. */
  function rebuilt(from: string, to: string, more = ''): string {
    const base = `CREATE TABLE a (id int PRIMARY KEY, x ${from}, ax int); ${more}`;
    const found = lintTexts({ 'V1__a.sql': base, 'V2__b.sql': `ALTER TABLE a ALTER x TYPE ${to};` }, grammar).find(
      ({ rule }) => rule === 'safety/change-column-type',
    );
    if (!found) return '';
    return /again \(([^)]*)\)/.exec(found.message)?.[1] ?? 'table';
  }

  it('builds again what has an expression or a predicate, and for another order what it is the key of', () => {
    for (const [from, to] of [
      ['varchar(5)', 'varchar(9)'],
      ['text', 'varchar'],
      ['varchar(5)', 'text'],
    ] as const)
      assert.equal(rebuilt(from, to, indexes), 'aexp, akp, amix, aincl', `${from} ${to}`);
    assert.equal(rebuilt('text', 'text COLLATE "C"', indexes), 'ai, aexp, akp, amix, aincl');
    assert.equal(rebuilt('text COLLATE "C"', 'text', 'CREATE INDEX ai ON a (x)'), 'ai');
    assert.equal(rebuilt('text COLLATE "C"', 'text COLLATE "C"', 'CREATE INDEX ai ON a (x)'), '');
    // Another column, in whose name it stands.
    assert.equal(rebuilt('text', 'text COLLATE "C"', 'CREATE INDEX aax ON a (ax)'), '');
  });

  it('is written again when fewer digits behind the second are left', () => {
    assert.equal(rebuilt('interval(6)', 'interval(3)'), 'table');
    assert.equal(rebuilt('interval day to second', 'interval day to second(3)'), 'table');
    assert.equal(rebuilt('timestamptz', 'timestamptz(3)'), 'table');
    for (const [from, to] of [
      ['interval', 'interval(6)'],
      ['interval(3)', 'interval(6)'],
      ['interval day to second', 'interval'],
      ['interval', 'interval day to second'],
      ['timestamp', 'timestamp(6)'],
      ['time', 'time(6)'],
    ] as const)
      assert.equal(rebuilt(from, to), '', `${from} ${to}`);
  });
});
