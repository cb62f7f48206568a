import assert from 'node:assert/strict';
import { said } from '../../../src/core/format/phrase';
import { loadGrammar } from '../../../src/core/sql/grammar';
import { FixedProjects, type Texts } from './fixed-projects';

/** Fixes that take a constraint, a partition or an inverse apart; each is applied, and linted again. */
describe('fixes in steps', () => {
  let projects: FixedProjects;
  before(async () => {
    projects = new FixedProjects(await loadGrammar());
  });
  const fixed = async (files: Texts, rule: string): Promise<Texts> =>
    Object.fromEntries(
      Object.entries(await projects.fixed(projects.project(files), rule)).map(([path, text]) => [
        path.replace('/p/sql/', ''),
        text,
      ]),
    );
  const titles = async (files: Texts, rule: string): Promise<string[]> =>
    (await projects.fixes(projects.project(files), rule)).map(({ title }) => said(title));

  it('SET NOT NULL trusts a check that a later version validates', async () => {
    const after = await fixed(
      {
        'V2__x.sql': "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ALTER COLUMN status SET NOT NULL;\n",
        'U2__x.sql': "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ALTER COLUMN status DROP NOT NULL;\n",
      },
      'safety/set-not-null',
    );
    const check = 'ADD CONSTRAINT "orders_status_not_null" CHECK ("status" IS NOT NULL) NOT VALID';
    assert.equal(after['V2__x.sql'], `SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ${check};\n`);
    assert.match(after['U2__x.sql'] ?? '', /ALTER TABLE "orders" DROP CONSTRAINT "orders_status_not_null";/);
    assert.equal(
      after['V3__orders_status_not_null.sql'],
      'ALTER TABLE "orders" VALIDATE CONSTRAINT "orders_status_not_null";\nALTER TABLE "orders" ALTER COLUMN "status" SET NOT NULL, DROP CONSTRAINT "orders_status_not_null";\n',
    );
    assert.equal(
      after['U3__orders_status_not_null.sql'],
      `ALTER TABLE "orders" ALTER COLUMN "status" DROP NOT NULL, ${check};\n`,
    );
  });

  it('REFERENCES of a new column becomes a foreign key that is validated later', async () => {
    const after = await fixed(
      {
        'V2__x.sql':
          'ALTER TABLE orders ADD COLUMN customer bigint CONSTRAINT buyer REFERENCES customers (id) ON DELETE CASCADE DEFERRABLE NOT NULL DEFAULT 1, ADD COLUMN b int;\n',
        'U2__x.sql': 'ALTER TABLE orders DROP COLUMN b, DROP COLUMN customer;\n',
      },
      'safety/add-column-references',
    );
    assert.equal(
      after['V2__x.sql'],
      'ALTER TABLE orders ADD COLUMN customer bigint NOT NULL DEFAULT 1, ADD COLUMN b int;\n',
    );
    assert.equal(
      after['V3__buyer.sql'],
      'ALTER TABLE "orders" ADD CONSTRAINT "buyer" FOREIGN KEY ("customer") REFERENCES customers (id) ON DELETE CASCADE DEFERRABLE NOT VALID;\n',
    );
    assert.equal(after['V4__use_buyer.sql'], 'ALTER TABLE "orders" VALIDATE CONSTRAINT "buyer";\n');
    assert.equal(after['U3__buyer.sql'], 'ALTER TABLE "orders" DROP CONSTRAINT "buyer";\n');
    assert.match(after['U4__use_buyer.sql'] ?? 'nothing: undo would stop there', /^-- .*\nSELECT 1;\n$/);
  });

  it('UNIQUE of a new column becomes an index that is built CONCURRENTLY and taken over', async () => {
    const after = await fixed(
      {
        'V2__x.sql': 'ALTER TABLE public.orders ADD COLUMN code text UNIQUE;\n',
        'U2__x.sql': 'ALTER TABLE orders DROP COLUMN code;\n',
      },
      'safety/add-column-unique',
    );
    assert.equal(after['V2__x.sql'], 'ALTER TABLE public.orders ADD COLUMN code text;\n');
    assert.equal(
      after['V3__orders_code_key.sql'],
      'CREATE UNIQUE INDEX CONCURRENTLY "orders_code_key" ON "public"."orders" ("code");\n',
    );
    assert.equal(
      after['V4__use_orders_code_key.sql'],
      'ALTER TABLE "public"."orders" ADD CONSTRAINT "orders_code_key" UNIQUE USING INDEX "orders_code_key";\n',
    );
    assert.equal(after['U3__orders_code_key.sql'], 'DROP INDEX CONCURRENTLY IF EXISTS "public"."orders_code_key";\n');
  });

  it('DETACH runs CONCURRENTLY in a script that Flyway runs without a transaction, not beside a default partition', async () => {
    const after = await fixed(
      { 'V2__x.sql': 'ALTER TABLE events DETACH PARTITION events_2025;\n' },
      'safety/detach-partition',
    );
    assert.equal(after['V2__x.sql'], 'ALTER TABLE events DETACH PARTITION events_2025 CONCURRENTLY;\n');
    assert.equal(after['V2__x.sql.conf'], 'executeInTransaction=false\n');
    const beside = await titles(
      {
        'V2__x.sql': 'CREATE TABLE events_rest PARTITION OF events DEFAULT;\n',
        'V3__x.sql': 'ALTER TABLE events DETACH PARTITION events_2025;\n',
      },
      'safety/detach-partition',
    );
    assert.deepEqual(beside, []);
  });

  it('what an undo lacks is written into it, where an undo comes to it', async () => {
    const v =
      'ALTER TABLE orders ADD COLUMN a int;\nCREATE INDEX o_s ON orders (customer_id);\nALTER TABLE orders ADD COLUMN b int;\n';
    const between = await fixed(
      {
        'V2__x.sql': v,
        'U2__x.sql': 'ALTER TABLE orders DROP COLUMN b;\nALTER TABLE orders DROP COLUMN IF EXISTS a;\n',
      },
      'rollback/incomplete',
    );
    assert.equal(
      between['U2__x.sql'],
      'ALTER TABLE orders DROP COLUMN b;\nDROP INDEX "o_s";\nALTER TABLE orders DROP COLUMN IF EXISTS a;\n',
    );
    const behind = await fixed(
      { 'V2__x.sql': v, 'U2__x.sql': 'ALTER TABLE orders DROP COLUMN b;\nDROP INDEX o_s' },
      'rollback/incomplete',
    );
    assert.equal(
      behind['U2__x.sql'],
      'ALTER TABLE orders DROP COLUMN b;\nDROP INDEX o_s;\nALTER TABLE "orders" DROP COLUMN "a";\n',
    );
  });

  it('nothing is offered that is not certain', async () => {
    const lost = { 'V2__x.sql': 'DROP INDEX orders_status;\n', 'U2__x.sql': 'SELECT now();\n' };
    assert.deepEqual(await titles(lost, 'rollback/incomplete'), []);
    const several = {
      'V2__x.sql': 'ALTER TABLE orders ALTER COLUMN status SET NOT NULL, ADD COLUMN b int;\n',
      'U2__x.sql': 'ALTER TABLE orders DROP COLUMN b, ALTER COLUMN status DROP NOT NULL;\n',
    };
    assert.deepEqual(await titles(several, 'safety/set-not-null'), []);
  });
});
