import assert from 'node:assert/strict';
import type { ProjectFix } from '../../../src/core/lint/fixes/project-fix';
import { loadGrammar } from '../../../src/core/sql/grammar';
import { base, FixedProjects, type Texts } from './fixed-projects';

/** A project as it is before and after a fix; every fix is applied as the editor does, and linted again. */
describe('fixes of a project', () => {
  let projects: FixedProjects;
  before(async () => {
    projects = new FixedProjects(await loadGrammar());
  });

  const fixes = (texts: Texts, rule: string): Promise<ProjectFix[]> => projects.fixes(texts, rule);
  const apply = (texts: Texts, fix: ProjectFix): Texts => projects.apply(texts, fix);
  const fixed = (texts: Texts, rule: string): Promise<Texts> => projects.fixed(texts, rule);
  const project = (files: Texts): Texts => projects.project(files);

  it('an index gets a version of its own, its undo too, and the lock it would wait for is turned off', async () => {
    const after = await fixed(
      project({
        'V2__x.sql':
          'ALTER TABLE orders ADD COLUMN note text;\nCREATE INDEX orders_customer ON orders (customer_id);\n',
        'U2__x.sql': 'DROP INDEX orders_customer;\nALTER TABLE orders DROP COLUMN note;\n',
      }),
      'safety/create-index',
    );
    assert.equal(after['/p/sql/V2__x.sql'], 'ALTER TABLE orders ADD COLUMN note text;\n');
    assert.equal(after['/p/sql/U2__x.sql'], 'ALTER TABLE orders DROP COLUMN note;\n');
    assert.equal(
      after['/p/sql/V3__orders_customer.sql'],
      'CREATE INDEX CONCURRENTLY orders_customer ON orders (customer_id);\n',
    );
    assert.equal(after['/p/sql/U3__orders_customer.sql'], 'DROP INDEX CONCURRENTLY IF EXISTS "orders_customer";\n');
    assert.equal(
      after['/p/flyway.toml'],
      '[flyway]\npostgresql.transactional.lock = false\nlocations = ["filesystem:sql"]\n',
    );
  });

  it('an index that stands alone stays where it is, without what cannot stand beside it', async () => {
    const after = await fixed(
      project({
        'V2__x.sql': "SET LOCAL lock_timeout = '2s';\nCREATE UNIQUE INDEX orders_customer ON orders (customer_id);\n",
        'U2__x.sql': 'DROP INDEX orders_customer;\n',
      }),
      'safety/create-index',
    );
    assert.equal(
      after['/p/sql/V2__x.sql'],
      'CREATE UNIQUE INDEX CONCURRENTLY orders_customer ON orders (customer_id);\n',
    );
    assert.equal(after['/p/sql/U2__x.sql'], 'DROP INDEX CONCURRENTLY IF EXISTS "orders_customer";\n');
    assert.equal(Object.keys(after).length, 5);
  });

  it('an undo that speaks of it in another way, and a partitioned table, get no such fix', async () => {
    const odd = {
      'V2__x.sql': 'CREATE INDEX a ON orders (id, status);\nALTER TABLE orders ADD COLUMN n text;',
      'U2__x.sql': 'DROP INDEX a, b;',
    };
    assert.deepEqual(await fixes(project(odd), 'safety/create-index'), []);
    const parent = { 'V2__x.sql': 'CREATE INDEX a ON events (at);\n', 'U2__x.sql': 'DROP INDEX a;' };
    assert.deepEqual(await fixes(project(parent), 'safety/create-index'), []);
  });

  it('DROP INDEX and REINDEX run CONCURRENTLY, the latter with a .conf', async () => {
    const dropped = await fixed(
      project({
        'V2__x.sql': 'DROP INDEX orders_status;\n',
        'U2__x.sql': 'CREATE INDEX orders_status ON orders (status);\n',
      }),
      'safety/drop-index',
    );
    assert.equal(dropped['/p/sql/V2__x.sql'], 'DROP INDEX CONCURRENTLY orders_status;\n');
    const moved = await fixed(
      project({
        'V2__x.sql': 'ALTER TABLE orders ADD COLUMN n text;\nDROP INDEX orders_status;\n',
        'U2__x.sql': 'CREATE INDEX orders_status ON orders (status);\nALTER TABLE orders DROP COLUMN n;\n',
      }),
      'safety/drop-index',
    );
    assert.equal(moved['/p/sql/V3__drop_orders_status.sql'], 'DROP INDEX CONCURRENTLY orders_status;\n');
    assert.equal(moved['/p/sql/U3__drop_orders_status.sql'], 'CREATE INDEX orders_status ON orders (status);\n');
    const after = await fixed(project({ 'V2__x.sql': 'REINDEX TABLE orders;\n' }), 'safety/reindex');
    assert.equal(after['/p/sql/V2__x.sql'], 'REINDEX TABLE CONCURRENTLY orders;\n');
    assert.equal(after['/p/sql/V2__x.sql.conf'], 'executeInTransaction=false\n');
  });

  it('what PostgreSQL refuses in a transaction gets a script of its own', async () => {
    const after = await fixed(
      project({
        'V2__x.sql': 'ALTER TABLE orders ADD COLUMN note text;\nVACUUM orders;\n',
        'U2__x.sql': 'ALTER TABLE orders DROP COLUMN note;',
      }),
      'flyway/mixed-transaction',
    );
    assert.equal(after['/p/sql/V3__vacuum_orders.sql'], 'VACUUM orders;\n');
    const cluster = await fixed(project({ 'V2__x.sql': 'CLUSTER;\n' }), 'flyway/refused-in-transaction');
    assert.equal(cluster['/p/sql/V2__x.sql.conf'], 'executeInTransaction=false\n');
  });

  it('the lock that hangs is turned off in the files that say something, each in its own words', async () => {
    const index = {
      'V2__x.sql': 'CREATE INDEX CONCURRENTLY i ON orders (customer_id);\n',
      'U2__x.sql': 'DROP INDEX CONCURRENTLY i;\n',
    };
    const own = (name: string, text: string): Texts => {
      const all = project(index);
      Reflect.deleteProperty(all, '/p/flyway.toml');
      return { ...all, [`/p/${name}`]: text };
    };
    for (const [name, text, wanted] of [
      [
        'flyway.conf',
        'flyway.locations=filesystem:sql',
        'flyway.locations=filesystem:sql\nflyway.postgresql.transactional.lock=false\n',
      ],
      [
        'flyway.toml',
        '[flyway]\nlocations = ["filesystem:sql"]\n[flyway.postgresql]\ntransactional.lock = true\n',
        '[flyway]\nlocations = ["filesystem:sql"]\n[flyway.postgresql]\ntransactional.lock = false\n',
      ],
      [
        'src/main/resources/application.properties',
        'spring.flyway.locations=filesystem:sql\r\n',
        'spring.flyway.locations=filesystem:sql\r\nspring.flyway.postgresql.transactional-lock=false\r\n',
      ],
      [
        'src/main/resources/application.yml',
        'spring:\n  flyway:\n    locations: filesystem:sql\n---\nspring.config.activate.on-profile: prod\n',
        'spring.flyway.postgresql.transactional-lock: false\nspring:\n  flyway:\n    locations: filesystem:sql\n---\nspring.config.activate.on-profile: prod\n',
      ],
    ] as const) {
      const after = await fixed(own(name, text), 'flyway/concurrently-hangs');
      assert.equal(after[`/p/${name}`], wanted, name);
    }
  });

  it('lock_timeout: at the top, not for ever, and for this script alone', async () => {
    const undo = { 'U2__x.sql': "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders DROP COLUMN n;\n" };
    const missing = await fixed(
      project({ 'V2__x.sql': 'ALTER TABLE orders ADD COLUMN n text;\n', ...undo }),
      'safety/lock-timeout',
    );
    assert.equal(
      missing['/p/sql/V2__x.sql'],
      "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN n text;\n",
    );
    const late = await fixed(
      project({ 'V2__x.sql': "ALTER TABLE orders ADD COLUMN n text;\nSET LOCAL lock_timeout = '5s';\n", ...undo }),
      'safety/lock-timeout',
    );
    assert.equal(late['/p/sql/V2__x.sql'], "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN n text;\n");
    const zero = await fixed(
      project({ 'V2__x.sql': 'SET LOCAL lock_timeout = 0;\nALTER TABLE orders ADD COLUMN n text;\n', ...undo }),
      'safety/lock-timeout',
    );
    assert.equal(zero['/p/sql/V2__x.sql'], "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN n text;\n");
    const session = await fixed(
      project({ 'V2__x.sql': "SET SESSION lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN n text;\n", ...undo }),
      'safety/set-outlives-transaction',
    );
    assert.equal(
      session['/p/sql/V2__x.sql'],
      "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN n text;\n",
    );
    const begun = await fixed(
      project({
        'V2__x.sql': "BEGIN;\nSET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN n text;\nCOMMIT;\n",
        ...undo,
      }),
      'safety/transaction-control',
    );
    assert.equal(begun['/p/sql/V2__x.sql'], "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN n text;\n");
  });

  it('constraints are validated by a later version', async () => {
    const after = await fixed(
      project({
        'V2__x.sql': 'ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (customer_id) REFERENCES customers (id);\n',
        'U2__x.sql': 'ALTER TABLE orders DROP CONSTRAINT fk;\n',
      }),
      'safety/foreign-key-not-valid',
    );
    assert.match(after['/p/sql/V2__x.sql'] ?? '', /REFERENCES customers \(id\) NOT VALID;/);
    assert.equal(after['/p/sql/V3__validate_fk.sql'], 'ALTER TABLE "orders" VALIDATE CONSTRAINT "fk";\n');
    const both =
      'ALTER TABLE orders ADD CONSTRAINT ck CHECK (id > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT ck;\n';
    const moved = await fixed(
      project({ 'V2__x.sql': both, 'U2__x.sql': 'ALTER TABLE orders DROP CONSTRAINT ck;\n' }),
      'safety/validate-in-same-transaction',
    );
    assert.equal(moved['/p/sql/V3__validate_ck.sql'], 'ALTER TABLE orders VALIDATE CONSTRAINT ck;\n');
  });

  it('a unique constraint takes over an index, alone and beside others, with its undo', async () => {
    const alone = await fixed(
      project({
        'V2__x.sql': 'ALTER TABLE orders ADD CONSTRAINT u UNIQUE (status);\n',
        'U2__x.sql': 'ALTER TABLE orders DROP CONSTRAINT u;\n',
      }),
      'safety/unique-using-index',
    );
    assert.equal(alone['/p/sql/V2__x.sql'], 'CREATE UNIQUE INDEX CONCURRENTLY "u" ON "orders" ("status");\n');
    assert.equal(alone['/p/sql/U2__x.sql'], 'DROP INDEX CONCURRENTLY IF EXISTS "u";\n');
    assert.equal(alone['/p/sql/V3__u.sql'], 'ALTER TABLE "orders" ADD CONSTRAINT "u" UNIQUE USING INDEX "u";\n');
    assert.equal(
      alone['/p/sql/U3__u.sql'],
      'ALTER TABLE orders DROP CONSTRAINT u;\n-- dbops-ignore safety/create-index: it went with the constraint, and V3__u.sql takes it over again\nCREATE UNIQUE INDEX "u" ON "orders" ("status");\n',
    );
    const beside = await fixed(
      project({
        'V2__x.sql': 'ALTER TABLE orders ADD COLUMN n text;\nALTER TABLE orders ADD CONSTRAINT u UNIQUE (status);\n',
        'U2__x.sql': 'ALTER TABLE orders DROP CONSTRAINT u;\nALTER TABLE orders DROP COLUMN n;\n',
      }),
      'safety/unique-using-index',
    );
    assert.equal(beside['/p/sql/V2__x.sql'], 'ALTER TABLE orders ADD COLUMN n text;\n');
    assert.deepEqual(
      Object.keys(beside)
        .filter((path) => /[UV][34]/.test(path))
        .sort(),
      ['/p/sql/U3__index_u.sql', '/p/sql/U4__u.sql', '/p/sql/V3__index_u.sql', '/p/sql/V4__u.sql'],
    );
  });

  it('an acknowledgement asks for its reason', async () => {
    const texts = project({
      'V2__x.sql': 'SELECT 1;\nDROP TABLE customers;\n',
      'U2__x.sql': 'CREATE TABLE customers (id bigint PRIMARY KEY, email text);\n',
    });
    const [first] = await fixes(texts, 'rollback/irreversible');
    assert.equal(first?.asksReason, true);
    const after = await fixed(texts, 'rollback/irreversible');
    assert.equal(after['/p/sql/V2__x.sql'], 'SELECT 1;\n-- irreversible: agreed with billing\nDROP TABLE customers;\n');
    const alone = project({ 'V2__x.sql': 'DROP TABLE customers;\n' });
    const [acknowledged] = await fixes(alone, 'rollback/undo-missing');
    const left = await projects.lint(apply(alone, acknowledged!));
    assert.deepEqual(
      left.result.findings.filter((one) => one.rule === 'rollback/undo-missing').map((one) => one.severity),
      ['hint'],
    );
  });

  it('a version that is taken becomes the next one, with its undo', async () => {
    const texts = project({
      'V2__a.sql': 'SELECT 1;',
      'V2.0__b.sql': 'SELECT 2;',
      'U2.0__b.sql': 'SELECT 3;',
      'V9__c.sql': 'SELECT 1;',
    });
    const [one] = await fixes(texts, 'flyway/duplicate-version');
    assert.deepEqual(one?.renames, [
      { from: '/p/sql/V2.0__b.sql', to: '/p/sql/V10__b.sql' },
      { from: '/p/sql/U2.0__b.sql', to: '/p/sql/U10__b.sql' },
    ]);
    await fixed(texts, 'flyway/duplicate-version');
  });

  it('suppressions are mended', async () => {
    const unused = await fixed(
      project({ 'V2__x.sql': '-- dbops-ignore safety/truncate: none here\nSELECT 1;\n' }),
      'lint/unused-suppression',
    );
    assert.equal(unused['/p/sql/V2__x.sql'], 'SELECT 1;\n');
    const misspelt = await fixed(
      project({
        'V2__x.sql': '-- dbops-ignore safety/trunkate: as agreed\nTRUNCATE orders;\n',
        'U2__x.sql': 'SELECT 1;',
      }),
      'lint/unknown-rule',
    );
    assert.match(misspelt['/p/sql/V2__x.sql'] ?? '', /^-- dbops-ignore safety\/truncate: as agreed\n/);
    for (const comment of ['-- dbops-ignore safety/truncate', '/* dbops-ignore safety/truncate: */']) {
      const reason = await fixed(
        project({ 'V2__x.sql': `${comment}\nTRUNCATE orders;\n`, 'U2__x.sql': 'SELECT 1;' }),
        'lint/suppression-without-reason',
      );
      assert.match(reason['/p/sql/V2__x.sql'] ?? '', /dbops-ignore safety\/truncate: agreed with billing/);
    }
  });

  it('a new version is above those of classes too', async () => {
    const texts: Texts = {
      '/p/src/main/resources/db/migration/V1__base.sql': base,
      '/p/src/main/resources/db/migration/V2__x.sql':
        'ALTER TABLE orders ADD COLUMN note text;\nCREATE INDEX o ON orders (note);\n',
      '/p/src/main/java/db/migration/V7__Fill.java': 'class V7__Fill {}',
    };
    const [first] = await fixes(texts, 'safety/create-index');
    assert.equal(first?.files[0]?.path, '/p/src/main/resources/db/migration/V8__o.sql');
  });
});
