import assert from 'node:assert/strict';
import { rules } from '../../../src/core/lint/finding';
import { squawkNames } from '../../../src/core/lint/squawk-names';
import { loadGrammar, type Grammar } from '../../../src/core/sql/grammar';
import { lintTexts } from './memory-project';

const base = `CREATE TABLE customers (id int PRIMARY KEY, email varchar(100));
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, status text NOT NULL, total int, old_total int);
CREATE INDEX orders_total ON orders (total);
CREATE DOMAIN positive AS int;
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE events (day date) PARTITION BY RANGE (day);
CREATE TABLE events_old PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');`;

/** For each rule of squawk that names a danger: a script that it stops, and one that it should let pass, by our own hand. */
const cases: readonly (readonly [rule: string, bad: string, good: string])[] = [
  [
    'adding-field-with-default',
    'ALTER TABLE orders ADD COLUMN code text DEFAULT md5(random()::text)',
    "ALTER TABLE orders ADD COLUMN code text DEFAULT 'x'",
  ],
  [
    'adding-foreign-key-constraint',
    'ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer_id) REFERENCES customers (id)',
    'ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID',
  ],
  [
    'adding-not-nullable-field',
    'ALTER TABLE orders ALTER COLUMN total SET NOT NULL',
    'ALTER TABLE orders ADD CONSTRAINT n CHECK (total IS NOT NULL) NOT VALID',
  ],
  [
    'adding-required-field',
    'ALTER TABLE orders ADD COLUMN code text NOT NULL',
    "ALTER TABLE orders ADD COLUMN code text NOT NULL DEFAULT 'x'",
  ],
  [
    'adding-serial-primary-key-field',
    'ALTER TABLE events ADD COLUMN id serial PRIMARY KEY',
    'ALTER TABLE events ADD COLUMN id bigint',
  ],
  [
    'ban-alter-domain-with-add-constraint',
    'ALTER DOMAIN positive ADD CONSTRAINT p CHECK (VALUE > 0)',
    'ALTER DOMAIN positive ADD CONSTRAINT p CHECK (VALUE > 0) NOT VALID',
  ],
  [
    'ban-char-field',
    'CREATE TABLE a (id bigint PRIMARY KEY, c char(3))',
    'CREATE TABLE a (id bigint PRIMARY KEY, c text)',
  ],
  [
    'ban-concurrent-index-creation-in-transaction',
    'BEGIN; CREATE INDEX CONCURRENTLY i ON orders (status); COMMIT',
    'CREATE INDEX CONCURRENTLY i ON orders (status)',
  ],
  [
    'ban-create-domain-with-constraint',
    'CREATE DOMAIN zip AS text CHECK (length(VALUE) = 5)',
    'CREATE DOMAIN zip AS text',
  ],
  [
    'ban-drop-column',
    'ALTER TABLE orders DROP COLUMN old_total',
    'ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders DROP COLUMN a',
  ],
  ['ban-drop-database', 'DROP DATABASE shop', 'SELECT 1'],
  [
    'ban-drop-not-null',
    'ALTER TABLE orders ALTER COLUMN status DROP NOT NULL',
    'ALTER TABLE orders ALTER COLUMN status SET DEFAULT 1',
  ],
  ['ban-drop-table', 'DROP TABLE orders', 'CREATE TABLE a (id int PRIMARY KEY); DROP TABLE a'],
  ['ban-truncate-cascade', 'TRUNCATE customers CASCADE', 'CREATE TABLE a (id int PRIMARY KEY); TRUNCATE a CASCADE'],
  [
    'changing-column-type',
    'ALTER TABLE orders ALTER COLUMN total TYPE bigint',
    'ALTER TABLE customers ALTER COLUMN email TYPE text',
  ],
  [
    'constraint-missing-not-valid',
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0)',
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID',
  ],
  [
    'disallowed-unique-constraint',
    'ALTER TABLE orders ADD CONSTRAINT u UNIQUE (status)',
    'ALTER TABLE orders ADD CONSTRAINT u UNIQUE USING INDEX i',
  ],
  [
    'identifier-too-long',
    `CREATE INDEX CONCURRENTLY ${'a'.repeat(64)} ON orders (status)`,
    `CREATE INDEX CONCURRENTLY ${'a'.repeat(63)} ON orders (status)`,
  ],
  ['prefer-bigint-over-int', 'CREATE TABLE a (id int PRIMARY KEY)', 'CREATE TABLE a (id bigint PRIMARY KEY)'],
  [
    'prefer-identity',
    'CREATE TABLE a (id bigserial PRIMARY KEY)',
    'CREATE TABLE a (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)',
  ],
  [
    'prefer-text-field',
    'CREATE TABLE a (id bigint PRIMARY KEY, b varchar(10))',
    'CREATE TABLE a (id bigint PRIMARY KEY, b varchar)',
  ],
  [
    'prefer-timestamptz',
    'CREATE TABLE a (id bigint PRIMARY KEY, b timestamp)',
    'CREATE TABLE a (id bigint PRIMARY KEY, b timestamp with time zone)',
  ],
  ['renaming-column', 'ALTER TABLE orders RENAME COLUMN total TO sum', 'ALTER INDEX orders_total RENAME TO i'],
  [
    'renaming-table',
    'ALTER TABLE orders RENAME TO purchases',
    'CREATE TABLE a (id int PRIMARY KEY); ALTER TABLE a RENAME TO b',
  ],
  [
    'require-concurrent-index-creation',
    'CREATE INDEX i ON orders (status)',
    'CREATE TABLE a (id int PRIMARY KEY, b int); CREATE INDEX i ON a (b)',
  ],
  ['require-concurrent-index-deletion', 'DROP INDEX orders_total', 'DROP INDEX CONCURRENTLY orders_total'],
  [
    'require-concurrent-partition-detach',
    'ALTER TABLE events DETACH PARTITION events_old',
    'ALTER TABLE events DETACH PARTITION events_old CONCURRENTLY',
  ],
  ['require-concurrent-reindex', 'REINDEX TABLE orders', 'REINDEX TABLE CONCURRENTLY orders'],
  ['require-enum-value-ordering', "ALTER TYPE mood ADD VALUE 'ok'", "ALTER TYPE mood ADD VALUE 'ok' BEFORE 'happy'"],
  [
    'require-lock-timeout',
    'ALTER TABLE orders ADD COLUMN a int',
    "SET LOCAL lock_timeout = '2s'; ALTER TABLE orders ADD COLUMN a int",
  ],
  ['syntax-error', 'ALTER TABLE orders ADD COLUM a int', 'ALTER TABLE orders ADD COLUMN a int'],
  ['transaction-nesting', 'BEGIN; SELECT 1; COMMIT', 'SELECT 1'],
];

describe('what squawk rightly finds', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await loadGrammar();
  });
  const wanted = Object.fromEntries(
    Object.entries(rules).flatMap(([rule, severity]) => (severity === 'off' ? [[rule, 'warning' as const]] : [])),
  );
  for (const [name, bad, good] of cases)
    it(name, () => {
      const ours = squawkNames[name] ?? [];
      const found = (text: string): string[] =>
        lintTexts({ 'V1__base.sql': base, 'V2__x.sql': `${text};` }, grammar, { severities: wanted })
          .filter((finding) => finding.path === 'V2__x.sql' && ours.includes(finding.rule))
          .filter(({ rule }) => !rule.startsWith('rollback/'))
          .map(({ rule }) => rule);
      assert.notDeepEqual(found(bad), [], bad);
      assert.deepEqual(found(good), [], good);
    });

  it('is left alone where squawk is wrong', () => {
    const silent = [
      // Statements of one transaction need no IF EXISTS, and a table that is made here has no rows.
      'CREATE TABLE a (id bigint PRIMARY KEY, b int REFERENCES customers (id), c int UNIQUE); CREATE INDEX a_b ON a (b)',
      // A plain function that does not change within a statement.
      'ALTER TABLE orders ADD COLUMN made timestamptz DEFAULT now()',
    ];
    for (const text of silent) {
      const found = lintTexts(
        { 'V1__base.sql': base, 'V2__x.sql': `SET LOCAL lock_timeout = '2s'; ${text};` },
        grammar,
      );
      const own = found.filter(({ path, rule }) => path === 'V2__x.sql' && !rule.startsWith('rollback/'));
      assert.deepEqual(own, [], text);
    }
  });
});
