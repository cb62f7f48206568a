import assert from 'node:assert/strict';
import { effectsOf } from '../../../src/core/rollback/effect';
import { resolveTypes } from '../../../src/core/rollback/resolve-types';
import { ColumnTypes } from '../../../src/core/rollback/schema-fact';
import { typeChange } from '../../../src/core/rollback/type-change';
import { loadGrammar } from '../../../src/core/sql/grammar';
import { splitScript } from '../../../src/core/sql/splitter';

describe('changes of type', () => {
  const cases: [string, string, ReturnType<typeof typeChange>][] = [
    ['integer', 'bigint', 'keeps'],
    ['bigint', 'integer', 'loses'],
    ['varchar(20)', 'varchar(40)', 'keeps'],
    ['varchar(20)', 'varchar(10)', 'loses'],
    ['varchar', 'varchar(10)', 'loses'],
    ['varchar(20)', 'text', 'keeps'],
    ['text', 'varchar', 'keeps'],
    ['text', 'char(5)', 'loses'],
    ['numeric(10,2)', 'numeric(12,2)', 'keeps'],
    ['numeric(10,2)', 'numeric(12,4)', 'keeps'],
    ['numeric(10,2)', 'numeric(10,4)', 'loses'],
    ['numeric(10,2)', 'numeric(10)', 'loses'],
    ['numeric', 'numeric(10,2)', 'loses'],
    ['integer', 'numeric(12,2)', 'keeps'],
    ['integer', 'numeric(11,2)', 'loses'],
    ['numeric(10,2)', 'integer', 'loses'],
    ['timestamp', 'date', 'loses'],
    ['date', 'timestamp', 'keeps'],
    ['timestamp', 'timestamptz', 'unknown'],
    ['timestamptz(6)', 'timestamptz(3)', 'loses'],
    ['json', 'jsonb', 'loses'],
    ['uuid', 'text', 'keeps'],
    ['text', 'uuid', 'unknown'],
    ['integer[]', 'integer', 'unknown'],
    ['text', 'text', 'same'],
  ];
  for (const [from, to, expected] of cases)
    it(`${from} → ${to}: ${expected}`, () => assert.equal(typeChange(from, to), expected));

  it('are graded by the type that the scripts before have given', async () => {
    const grammar = await loadGrammar();
    const types = new ColumnTypes();
    const run = (script: string) =>
      resolveTypes(effectsOf(script, splitScript(script).statements, grammar), types).map(({ reversibility, undo }) => [
        reversibility,
        undo,
      ]);
    run('CREATE TABLE public.t (id serial, n int, code varchar(20), at timestamp, u uuid)');
    assert.deepEqual(run('ALTER TABLE t ALTER n TYPE bigint, ALTER code TYPE varchar(10)'), [
      ['reversible', 'ALTER TABLE "t" ALTER COLUMN "n" TYPE integer'],
      ['irreversible', undefined],
    ]);
    run('ALTER TABLE t RENAME COLUMN n TO m; ALTER TABLE t RENAME TO t2');
    assert.deepEqual(run('ALTER TABLE t2 ALTER m TYPE int'), [['irreversible', undefined]]);
    assert.deepEqual(run('ALTER TABLE t2 ALTER u TYPE text'), [
      ['reversible', 'ALTER TABLE "t2" ALTER COLUMN "u" TYPE uuid USING "u"::uuid'],
    ]);
    assert.deepEqual(run("ALTER TABLE t2 ALTER at TYPE timestamptz USING at AT TIME ZONE 'UTC'"), [
      ['unknown', undefined],
    ]);
    assert.deepEqual(run('ALTER TABLE t2 ALTER id TYPE integer; ALTER TABLE other ALTER id TYPE bigint'), [
      ['none', undefined],
      ['unknown', undefined],
    ]);
    run('DROP TABLE t2');
    assert.equal(types.typeOf('t2', 'id'), undefined);
  });
});
