import assert from 'node:assert/strict';
import { unusedIndexesStatement } from '../../../src/core/health/checks/unused-indexes';
import type { Finding } from '../../../src/core/health/signal';
import { until } from '../../lab/faults';
import type { Lab } from '../../lab/lab';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import { CheckBench } from '../support/checks';

const subjects = (findings: readonly Finding[]): string[] => findings.map(({ subject }) => subject).sort();

for (const major of testedMajors) {
  describe(`the schema of a database of PostgreSQL ${major}`, () => {
    let lab: Lab;
    let bench: CheckBench;
    const database = 'schema_checks';
    const run = (text: string): Promise<unknown> => lab.primary.run(text, [], database);
    before(async () => {
      lab = await sharedLab({ major, settings: { autovacuum: 'off', max_prepared_transactions: '5' } });
      await lab.primary.run(`CREATE DATABASE ${database}`);
      bench = await CheckBench.open(lab.primary, { user: 'monitor', database });
    });
    after(() => bench.close());

    it('finds the index that a failed CREATE INDEX CONCURRENTLY left behind, and its change removes it', async () => {
      assert.equal((await bench.findings('invalid-indexes'))[0]?.value, 0);
      await run(
        'CREATE SCHEMA "Mixed Case"; CREATE TABLE "Mixed Case"."Or""ders" AS SELECT 1 AS id FROM generate_series(1, 2)',
      );
      await assert.rejects(run('CREATE UNIQUE INDEX CONCURRENTLY "Bad ""one" ON "Mixed Case"."Or""ders" (id)'), {
        code: '23505',
      });
      const [found] = await bench.findings('invalid-indexes');
      assert.equal(found?.severity, 'warning');
      assert.equal(found.subject, 'Mixed Case.Bad "one');
      await run(found.change ?? '');
      assert.equal((await bench.findings('invalid-indexes'))[0]?.value, 0);
    });

    it('calls no index broken that is being built, whatever the role is told of it', async () => {
      await run('CREATE TABLE rebuilt AS SELECT i AS a, i AS b FROM generate_series(1, 9) AS i');
      await run('CREATE INDEX ON rebuilt (a); CREATE INDEX ON rebuilt (b)');
      const plain = await CheckBench.open(lab.primary, { user: 'plain', database });
      const writer = await lab.primary.connect({ database });
      await writer.query('BEGIN; INSERT INTO rebuilt VALUES (0, 0)');
      const building = run('REINDEX TABLE CONCURRENTLY rebuilt');
      const invalid = 'SELECT count(*)::int AS n FROM pg_index WHERE NOT indisvalid';
      const copies = async (): Promise<unknown> => (await writer.query<{ n: number }>(invalid)).rows[0]?.n;
      await until('both copies are there', async () => (await copies()) === 2);
      for (const seen of [bench, plain]) assert.equal((await seen.findings('invalid-indexes'))[0]?.value, 0);
      await writer.query('ROLLBACK');
      await building;
      await Promise.all([writer.end(), plain.close(), run('DROP TABLE rebuilt')]);
    });

    it('finds duplicates and beginnings of others, and never a unique one', async () => {
      await run(`
        CREATE TABLE d (a int PRIMARY KEY, b int, c text, e int);
        CREATE INDEX d_b ON d (b); CREATE INDEX d_b_again ON d (b); CREATE INDEX d_b_c ON d (b, c);
        CREATE INDEX d_a ON d (a); CREATE UNIQUE INDEX d_c ON d (c); CREATE UNIQUE INDEX d_c_again ON d (c);
        CREATE INDEX d_e ON d (e); CREATE INDEX d_e_desc ON d (e DESC); CREATE INDEX d_e_part ON d (e) WHERE e > 0;
        CREATE INDEX d_e_hash ON d USING hash (e); CREATE INDEX d_lower ON d (lower(c)); CREATE INDEX d_upper ON d (upper(c));
        CREATE INDEX d_c_collate ON d (c COLLATE "C")`);
      const found = await bench.findings('duplicate-indexes');
      const words = found.map((finding) => finding.words.replaceAll('public.', '')).sort();
      assert.deepEqual(words, [
        'd_a on d repeats d_pkey',
        'd_b on d is the beginning of d_b_c',
        'd_b_again on d repeats d_b',
      ]);
      assert.ok(found.every(({ severity }) => severity === 'hint'));
      await run('DROP TABLE d');
    });

    it('finds foreign keys without an index that begins with their columns, in any order', async () => {
      await run(`
        CREATE TABLE parent (x int, y int, PRIMARY KEY (x, y));
        CREATE TABLE bare (x int, y int, CONSTRAINT bare_fk FOREIGN KEY (x, y) REFERENCES parent);
        CREATE TABLE swapped (x int, y int, z int, FOREIGN KEY (x, y) REFERENCES parent); CREATE INDEX ON swapped (y, x, z);
        CREATE TABLE half (x int, y int, FOREIGN KEY (x, y) REFERENCES parent); CREATE INDEX ON half (x);
        CREATE TABLE partly (x int, y int, FOREIGN KEY (x, y) REFERENCES parent); CREATE INDEX ON partly (x, y) WHERE x > 0;
        CREATE TABLE behind (x int, y int, z int, FOREIGN KEY (x, y) REFERENCES parent); CREATE INDEX ON behind (z, x, y)`);
      const found = await bench.findings('foreign-keys');
      assert.deepEqual(found.map(({ subject }) => subject.split('.')[1]).sort(), ['bare', 'behind', 'half', 'partly']);
      const bare = found.find(({ subject }) => subject === 'public.bare.bare_fk');
      assert.equal(bare?.words, 'public.bare (x, y) has no index for its key to public.parent');
      await run(bare.change ?? '');
      assert.ok(!subjects(await bench.findings('foreign-keys')).includes('public.bare.bare_fk'), 'its change mends it');
    });

    it('finds sequences near the end of themselves or of their column, and says which are hidden', async () => {
      await run(`
        CREATE TABLE s (small smallserial, int_of_big int, identity int GENERATED ALWAYS AS IDENTITY, fresh serial);
        CREATE SEQUENCE big OWNED BY s.int_of_big; CREATE SEQUENCE down INCREMENT -1 MINVALUE -100 MAXVALUE -1 START -1;
        CREATE SEQUENCE round MAXVALUE 10 CYCLE; CREATE SEQUENCE plain;
        SELECT setval('s_small_seq', 30000), setval('big', 2000000000), setval('s_identity_seq', 1700000000), setval('down', -96), setval('round', 9), setval('plain', 1000)`);
      const seen = await bench.findings('sequences');
      const hidden = seen.find(({ signal }) => signal === 'sequences.hidden');
      assert.equal(hidden?.severity, 'hint');
      assert.match(hidden.words, /^7 sequences hidden from this role$/);
      const full = await CheckBench.open(lab.primary, { database });
      const found = await full.findings('sequences');
      assert.deepEqual(found.map(({ subject, severity }) => `${subject} ${severity}`).sort(), [
        'public.big critical',
        'public.down critical',
        'public.s_identity_seq warning',
        'public.s_small_seq critical',
      ]);
      const big = found.find(({ subject }) => subject === 'public.big');
      assert.ok(Math.abs((big?.value ?? 0) - 2e9 / 2147483647) < 1e-6, 'against its int column, not its own range');
      assert.ok(big?.lines.includes('It fills s.int_of_big, an int4.'));
      await full.close();
    });

    it('locks no more than some hundred sequences at a time, those of the smallest range first', async () => {
      await run(
        `CREATE SCHEMA many; DO $$ BEGIN FOR i IN 1..600 LOOP EXECUTE format('CREATE SEQUENCE many.s%s', i); END LOOP; END $$`,
      );
      const full = await CheckBench.open(lab.primary, { database });
      const found = await full.findings('sequences');
      const unread = found.find(({ signal }) => signal === 'sequences.unread');
      assert.deepEqual([unread?.words, unread?.severity], ['107 sequences of the widest range not looked at', 'hint']);
      assert.ok(subjects(found).includes('public.s_small_seq'));
      await full.close();
      await run('DROP SCHEMA many CASCADE');
    });

    it('lists as unused only what nothing else needs, and refuses to say it too early', async () => {
      await run(`
        CREATE TABLE u (id int PRIMARY KEY, k int UNIQUE, n int, m int, r int NOT NULL, during int4range, EXCLUDE USING gist (during WITH &&));
        CREATE INDEX u_n ON u (n); CREATE INDEX u_m ON u (m); CREATE UNIQUE INDEX u_r ON u (r); ALTER TABLE u REPLICA IDENTITY USING INDEX u_r;
        INSERT INTO u SELECT i, i, i, i, i FROM generate_series(1, 2000) AS i;
        SET enable_seqscan = off; SELECT count(*) FROM u WHERE m = 7`);
      let names: string[] = [];
      await until('the use is counted', async () => {
        names = (await bench.session.read(unusedIndexesStatement)).map(({ index }) => index);
        return !names.includes('public.u_m');
      });
      assert.ok(names.includes('public.u_n'));
      assert.deepEqual(
        names.filter((name) => /u_(pkey|k_key|r|during)/.test(name)),
        [],
      );
      const [early] = await bench.findings('unused-indexes');
      assert.deepEqual([early?.value, early?.severity], [null, 'ok']);
      assert.match(early?.words ?? '', /^too early to tell: statistics count for/);
    });

    it('measures dead rows against the threshold of each table, and names those never vacuumed', async () => {
      await run(`
        CREATE TABLE churned AS SELECT i FROM generate_series(1, 40000) AS i;
        CREATE TABLE lenient WITH (autovacuum_vacuum_scale_factor = 5, autovacuum_enabled = off) AS SELECT i FROM generate_series(1, 40000) AS i;
        ANALYZE churned, lenient; UPDATE churned SET i = i + 1; UPDATE churned SET i = i + 1; UPDATE lenient SET i = i + 1`);
      await until('it is counted', async () =>
        subjects(await bench.findings('autovacuum-need')).includes('public.churned'),
      );
      const found = await bench.findings('autovacuum-need');
      const churned = found.find(({ subject }) => subject === 'public.churned');
      // 80,000 dead rows over 50 + 0.2 × 40,000.
      assert.ok(Math.abs((churned?.value ?? 0) - 80_000 / 8050) < 0.05, `${churned?.value}`);
      assert.equal(churned?.severity, 'warning');
      assert.ok(found.some(({ signal, severity }) => signal === 'autovacuum-need.off' && severity === 'warning'));
      assert.ok(
        !found.some(({ subject, words }) => subject === 'public.lenient' && /dead rows/.test(words)),
        'its own factor counts',
      );
      const loaded = found.find(({ subject }) => subject === 'public.lenient');
      // 40,000 inserted rows over 1000 + 0.2 × 40,000: 13 and newer count them, and no one is woken for a load.
      if (major >= 13) assert.deepEqual([loaded?.severity, loaded?.value?.toFixed(1)], ['hint', '4.4']);
      const never = await bench.findings('never-vacuumed');
      const same = never.find(({ subject }) => subject === 'public.churned');
      assert.equal(same?.severity, 'warning', 'two thirds are dead');
      assert.match(same.words, /^public.churned: never vacuumed, 80,000 dead rows$/);
      await run('VACUUM churned');
      await until(
        'it has cleared',
        async () => !subjects(await bench.findings('autovacuum-need')).includes('public.churned'),
      );
      assert.ok(!subjects(await bench.findings('never-vacuumed')).includes('public.churned'));
    });

    it('names who holds vacuum back: a session, a prepared transaction, a forgotten slot', async () => {
      const own = await CheckBench.open(
        lab.primary,
        { user: 'monitor', database },
        { 'horizon.age': { warning: 10, critical: 1e9 } },
      );
      // Made first: it waits for every transaction that is open.
      await lab.primary.run("SELECT pg_create_logical_replication_slot('dead_cdc', 'test_decoding')");
      const holder = await lab.primary.connect({ database, applicationName: 'orders-api' });
      await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class');
      const preparing = await lab.primary.connect({ database });
      await preparing.query("BEGIN; SELECT txid_current(); PREPARE TRANSACTION 'forgotten'");
      for (let i = 0; i < 15; i++) await run('SELECT txid_current()');
      const found = await own.findings('horizon');
      const words = found.map((finding) => finding.words).join('\n');
      assert.match(words, /Session \d+ \(postgres · schema_checks · orders-api · idle in transaction\)/);
      assert.match(words, /Prepared transaction forgotten/);
      assert.match(words, /Replication slot dead_cdc/);
      assert.ok(found.every(({ severity, value }) => severity === 'warning' && (value ?? 0) >= 15));
      await run("ROLLBACK PREPARED 'forgotten'");
      await lab.primary.run("SELECT pg_drop_replication_slot('dead_cdc')");
      await holder.end();
      await preparing.end();
      await until('it has cleared', async () =>
        (await own.findings('horizon')).every(({ severity }) => severity === 'ok'),
      );
      await own.close();
    });

    it('follows a vacuum that is running', async () => {
      assert.equal((await bench.findings('vacuum-progress'))[0]?.value, 0);
      const client = await lab.primary.connect({ database });
      await client.query('SET vacuum_cost_delay = 100; SET vacuum_cost_limit = 1');
      const vacuum = client.query('VACUUM lenient').catch(() => undefined);
      await until('it is seen', async () => (await bench.findings('vacuum-progress'))[0]?.detail === true);
      assert.match(
        (await bench.findings('vacuum-progress'))[0]?.words ?? '',
        /^vacuum of public\.lenient: scanning heap/,
      );
      await lab.primary.run('SELECT pg_cancel_backend(pid) FROM pg_stat_progress_vacuum');
      await vacuum;
      await client.end();
    });

    it('measures the way to wraparound of transactions and multixacts', async () => {
      const own = await CheckBench.open(
        lab.primary,
        { user: 'plain', database },
        { 'wraparound.transactions': { warning: 1e-9, critical: 0.75 } },
      );
      const [truth] = await lab.primary.run<{ age: number }>(
        'SELECT max(age(datfrozenxid))::float8 AS age FROM pg_database',
      );
      const found = await own.findings('wraparound');
      assert.ok(Math.abs((found[0]?.value ?? 0) - (truth?.age ?? 0) / (2 ** 31 - 3e6)) < 1e-7);
      assert.equal(found[0]?.severity, 'warning');
      assert.ok(found.some(({ signal, severity }) => signal === 'wraparound.multixacts' && severity === 'ok'));
      await own.close();
    });

    it('counts checkpoints that were asked for', async () => {
      await bench.findings('checkpoints');
      for (let i = 0; i < 8; i++) await lab.primary.run('CHECKPOINT');
      bench.skew = 60_000;
      await until('they are counted', async () => (await bench.findings('checkpoints'))[0]?.value === 8, 20_000);
      assert.equal((await bench.findings('checkpoints'))[0]?.severity, 'warning');
    });

    it('reads the Flyway history: what is applied, undone, failed, hidden and locked', async () => {
      await run(`
        CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200), type varchar(20),
          script varchar(1000), checksum int, installed_by varchar(100), installed_on timestamp DEFAULT now(), execution_time int, success bool);
        INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, success) VALUES
          (1, '1', 'init', 'SQL', 'V1__init.sql', true), (2, NULL, 'views', 'SQL', 'R__views.sql', true),
          (3, '2', 'more', 'SQL', 'V2__more.sql', true), (4, '2', 'more', 'UNDO_SQL', 'U2__more.sql', true)`);
      const [hidden] = await bench.findings('flyway-history');
      assert.deepEqual([hidden?.severity, hidden?.words], ['hint', 'Flyway history is hidden from this role']);
      await run((hidden?.change ?? '').replaceAll('the_role', 'monitor'));
      assert.deepEqual(
        (await bench.findings('flyway-history')).map(({ severity, words }) => [severity, words]),
        [['ok', 'V1 · 3 migrations applied']],
        'what was undone is not the version',
      );
      await run(
        "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, success) VALUES (5, '3', 'bad', 'SQL', 'V3__bad.sql', false)",
      );
      const [failed] = await bench.findings('flyway-history');
      assert.deepEqual([failed?.severity, failed?.words], ['critical', 'migration FAILED: V3__bad.sql']);
      const holder = await lab.primary.connect({ database });
      await holder.query('BEGIN; LOCK TABLE flyway_schema_history');
      const began = Date.now();
      const locked = await bench.run('flyway-history');
      assert.equal(locked.problem, 'not read: a table was locked exclusively');
      assert.ok(Date.now() - began < 1500, 'it waits no longer than its lock time-out');
      assert.equal(locked.findings[0]?.severity, 'critical', 'what was known stays, with its age');
      for (const { about, problem } of await bench.all()) {
        assert.equal(problem === null, about.id !== 'flyway-history', `${about.id}: ${problem}`);
      }
      await holder.end();
      assert.equal((await bench.run('flyway-history')).problem, null);
    });

    it('tells each setting that the guide asks for, with the change that mends it', async () => {
      const found = await bench.findings('settings');
      assert.deepEqual(subjects(found), [
        'archive_mode',
        'archive_timeout',
        'log_connections',
        'log_disconnections',
        'log_lock_waits',
        'log_min_duration_statement',
      ]);
      const duration = found.find(({ subject }) => subject === 'log_min_duration_statement');
      assert.equal(duration?.change, "ALTER SYSTEM SET log_min_duration_statement = '1000'; SELECT pg_reload_conf();");
      for (const { change = '' } of found) {
        for (const statement of change.split(';').filter((part) => /^\s*(ALTER|SELECT)/.test(part)))
          await lab.primary.run(statement);
      }
      await lab.primary.reload();
      // log_connections keeps, in an open session, what it was when the session began.
      const anew = await CheckBench.open(lab.primary, { user: 'plain', database });
      await until(
        'only what takes a restart is left',
        async () => subjects(await anew.findings('settings')).join() === 'archive_mode',
      );
      const [left] = await anew.findings('settings');
      await anew.close();
      assert.ok(left?.lines.includes('It takes a RESTART of the server.'));
      assert.ok(
        left?.lines.some((line) => /waits for the restart/.test(line)),
        left?.lines.join(' '),
      );
      await lab.primary.run('ALTER SYSTEM RESET ALL');
      await lab.primary.reload();
    });
  });
}
