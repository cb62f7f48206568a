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
    assert.equal(rebuilt('interval', 'interval year to month'), 'table');
    assert.equal(rebuilt('interval(2)', 'interval hour to minute'), 'table');
    assert.equal(rebuilt('interval hour to minute', 'interval year to month'), 'table');
    assert.equal(rebuilt('timestamptz', 'timestamptz(3)'), 'table');
    for (const [from, to] of [
      ['interval', 'interval(6)'],
      ['interval(3)', 'interval(6)'],
      ['interval day to second', 'interval'],
      ['interval year to month', 'interval(2)'],
      ['interval year to month', 'interval hour to minute'],
      ['interval', 'interval day to second'],
      ['timestamp', 'timestamp(6)'],
      ['time', 'time(6)'],
    ] as const)
      assert.equal(rebuilt(from, to), '', `${from} ${to}`);
  });

  it('of a domain, of an array, of bits and of objects: what two servers of 1,500 pairs did otherwise than was thought', () => {
    const domains = "CREATE DOMAIN short AS varchar(10); CREATE DOMAIN checked AS text CHECK (VALUE <> '');";
    const typed = (from: string, to: string): string => {
      const texts = {
        'V1__a.sql': `${domains} CREATE TABLE a (x ${from}); CREATE INDEX ai ON a (x);`,
        'V2__b.sql': '',
      };
      const found = lintTexts({ ...texts, 'V2__b.sql': `ALTER TABLE a ALTER x TYPE ${to};` }, grammar);
      const message = found.find(({ rule }) => rule === 'safety/change-column-type')?.message;
      return message === undefined ? 'none' : /builds the indexes/.test(message) ? 'index' : 'table';
    };
    const pairs = [
      ['short', 'varchar(10)', 'table'],
      ['short', 'varchar', 'none'],
      ['checked', 'checked', 'none'],
      ['varchar(5)[]', 'varchar[]', 'none'],
      ['varchar(5)[]', 'varchar(9)[]', 'table'],
      ['bit(3)', 'varbit', 'index'],
      ['bit(3)', 'varbit(4)', 'table'],
      ['oid', 'regclass', 'none'],
      ['int', 'regclass', 'index'],
      ['text', 'bpchar', 'index'],
    ] as const;
    for (const [from, to, expected] of pairs) assert.equal(typed(from, to), expected, `${from} ${to}`);
  });
});
