import assert from 'node:assert/strict';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { strongest } from '../../../src/core/lint/impact/impact';
import { Schema } from '../../../src/core/sql/replay/schema';
import { lintTexts } from './memory-project';
import { replay } from './replayed';

/** Refused by servers of 13 and of 18, where nothing else is said. */
describe('what PostgreSQL refuses on a partitioned table', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });
  const base = `CREATE TABLE par (id int, d date, PRIMARY KEY (id, d)) PARTITION BY RANGE (d);
    CREATE TABLE par1 PARTITION OF par FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
    CREATE INDEX par_i ON par (d);
    CREATE TABLE a (id int PRIMARY KEY);`;
  const found = (sql: string, major?: number): string[] =>
    lintTexts({ 'V1__base.sql': base, 'V2__x.sql': sql }, grammar, {
      ...(major !== undefined && { database: { major, sizeOf: () => undefined } }),
    })
      .filter(({ path, message }) => path === 'V2__x.sql' && /refuses/.test(message))
      .map(({ rule, severity }) => `${rule} ${severity}`);

  it('CONCURRENTLY, for the table and for it alone; not for a partition', () => {
    assert.deepEqual(found('CREATE INDEX CONCURRENTLY i ON par (id)'), ['safety/create-index error']);
    assert.deepEqual(found('CREATE INDEX CONCURRENTLY i ON ONLY par (id)'), ['safety/create-index error']);
    assert.deepEqual(found('CREATE INDEX CONCURRENTLY i ON par1 (id)'), []);
    assert.deepEqual(found('CREATE INDEX i ON ONLY par (id)'), []);
    assert.deepEqual(found('DROP INDEX CONCURRENTLY par_i'), ['safety/drop-index error']);
    assert.deepEqual(found('DROP INDEX par_i'), []);
  });

  it('a foreign key that is NOT VALID, before 18', () => {
    const key = 'ALTER TABLE par ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES a (id) NOT VALID';
    assert.deepEqual(found(key, 17), ['safety/foreign-key-not-valid error']);
    assert.deepEqual(found(key, 18), []);
    assert.deepEqual(found(key), ['safety/foreign-key-not-valid information'], 'nobody tells the version');
    assert.deepEqual(found(key.replace('TABLE par', 'TABLE par1'), 17), []);
  });

  it('what a statement takes on the partitions, and on tables that refer to one', () => {
    const more = `${base} CREATE TABLE b (a_id int REFERENCES a); CREATE TABLE c (b_id int, a_id int REFERENCES b);`;
    const locks = (sql: string): string[] => {
      const schema = new Schema();
      replay(schema, more, grammar);
      const taken = replay(schema, sql, grammar, 'V2__y.sql').flatMap((impact) => impact.locks);
      return [...strongest(taken)].map(([table, mode]) => `${table} ${mode}`).sort();
    };
    const row = 'CREATE TRIGGER r BEFORE INSERT ON par FOR EACH ROW EXECUTE FUNCTION f()';
    assert.deepEqual(locks(row), ['par ShareRowExclusive', 'par1 ShareRowExclusive']);
    assert.deepEqual(locks(row.replace('ROW', 'STATEMENT')), ['par ShareRowExclusive']);
    assert.deepEqual(locks('ALTER TABLE par ADD FOREIGN KEY (id) REFERENCES a (id)'), [
      'a ShareRowExclusive',
      'par ShareRowExclusive',
      'par1 ShareRowExclusive',
    ]);
    assert.deepEqual(locks('LOCK TABLE par'), ['par AccessExclusive', 'par1 AccessExclusive']);
    assert.deepEqual(locks('TRUNCATE a'), ['a AccessExclusive']);
    assert.deepEqual(locks('TRUNCATE a CASCADE'), ['a AccessExclusive', 'b AccessExclusive', 'c AccessExclusive']);
    const [told] = lintTexts({ 'V1__base.sql': more, 'V2__x.sql': 'TRUNCATE a CASCADE;' }, grammar).filter(
      ({ rule }) => rule === 'safety/truncate',
    );
    assert.match(told?.message ?? '', /as well: of those that the scripts make, b, c\.$/);
  });
});
