import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { idleInTransaction, longQuery, until } from '../../lab/faults';
import type { Lab } from '../../lab/lab';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import { CheckBench } from '../support/checks';

for (const major of testedMajors) {
  describe(`sessions and queries of PostgreSQL ${major}`, () => {
    let lab: Lab;
    let bench: CheckBench;
    before(async () => {
      lab = await sharedLab({ major, settings: { max_prepared_transactions: '5' } });
    });
    afterEach(() => bench.close());

    it('counts each database and each role against its own limit', async () => {
      await lab.primary.run('CREATE DATABASE small CONNECTION LIMIT 5');
      await lab.primary.run("CREATE ROLE narrow LOGIN PASSWORD 'lab-secret-7' CONNECTION LIMIT 4");
      const clients = await Promise.all(
        Array.from({ length: 4 }, () => lab.primary.connect({ database: 'small', user: 'narrow' })),
      );
      // A role without privilege is told the same: who is where is no secret.
      bench = await CheckBench.open(lab.primary, { user: 'plain' });
      const [database] = await bench.findings('database-limits');
      assert.deepEqual(
        [database?.subject, database?.value, database?.severity, database?.words],
        ['small', 4 / 5, 'ok', 'database small: 4 of its 5 sessions'],
        'at 80 % it is not beyond it yet',
      );
      const [role] = await bench.findings('role-limits');
      assert.deepEqual([role?.subject, role?.value, role?.severity], ['narrow', 1, 'critical']);
      await clients.pop()?.end();
      await until('one is gone', async () => (await bench.findings('role-limits'))[0]?.value === 0.75);
      await Promise.all(clients.map((client) => client.end()));
    });

    it('names the application that leaves transactions open, and for how long', async () => {
      const faults = await Promise.all([idleInTransaction(lab.primary), idleInTransaction(lab.primary)]);
      const innocent = await lab.primary.connect({ applicationName: 'innocent' });
      await sleep(1200);
      bench = await CheckBench.open(lab.primary, {}, { 'leaks.idle-in-transaction': { warning: 1, critical: 900 } });
      const found = await bench.findings('leaks');
      assert.equal(found.length, 1);
      assert.equal(found[0]?.severity, 'warning');
      assert.match(found[0].words, /^leaky: 2 of 2 idle in transaction, the oldest 1/);
      assert.ok((found[0].value ?? 0) >= 1.2);
      await innocent.end();
      await Promise.all(faults.map((fault) => fault.heal()));
      await until('it has cleared', async () => (await bench.findings('leaks'))[0]?.value === 0);
      await bench.close();
      bench = await CheckBench.open(lab.primary, { user: 'plain' });
      assert.deepEqual(
        (await bench.findings('leaks')).map(({ severity, value, words }) => [severity, value, words]),
        [['unknown', null, 'limited view']],
      );
    });

    it('finds the long query and neither the idle, the dump nor itself', async () => {
      bench = await CheckBench.open(lab.primary, {}, { 'long-queries.oldest': { warning: 1, critical: 60 } });
      assert.equal((await bench.findings('long-queries'))[0]?.value, 0);
      const slow = await longQuery(lab.primary, 600, 'reports');
      const dump = await longQuery(lab.primary, 600, 'pg_dump');
      await until('it is old enough', async () => (await bench.findings('long-queries')).length === 2, 5000);
      const [sum, session] = await bench.findings('long-queries');
      assert.match(sum?.words ?? '', /^1 over 1 s, the longest 1/);
      assert.equal(sum?.severity, 'warning');
      assert.match(session?.words ?? '', new RegExp(`^${slow.pid} reports: 1(\\.\\d)? s, waits for Timeout: PgSleep`));
      assert.equal(session?.detail, true);
      assert.ok(session.lines.includes('SELECT pg_sleep($1)'));
      await Promise.all([slow.heal(), dump.heal()]);
      await until('it has cleared', async () => (await bench.findings('long-queries'))[0]?.severity === 'ok');
    });

    it('tells a transaction that is open for long, whatever it does', async () => {
      bench = await CheckBench.open(lab.primary, {}, { 'long-transactions.oldest': { warning: 1, critical: 60 } });
      const open = await idleInTransaction(lab.primary, { applicationName: 'batch' });
      await sleep(1200);
      const [sum, session] = await bench.findings('long-transactions');
      assert.equal(sum?.severity, 'warning');
      assert.match(session?.words ?? '', new RegExp(`^${open.pid} batch: idle in transaction, open for 1`));
      await open.heal();
    });

    it('follows a prepared transaction over the session that made it', async () => {
      bench = await CheckBench.open(
        lab.primary,
        { user: 'plain' },
        { 'prepared-transactions.oldest': { warning: 1, critical: 60 } },
      );
      const client = await lab.primary.connect();
      await client.query(`BEGIN; SELECT txid_current(); PREPARE TRANSACTION 'it''s'`);
      await client.end();
      await until(
        'it is old enough',
        async () => (await bench.findings('prepared-transactions'))[0]?.severity === 'warning',
      );
      const found = await bench.findings('prepared-transactions');
      const change = found.find(({ detail }) => detail)?.change ?? '';
      assert.equal(change, "ROLLBACK PREPARED 'it''s';");
      await lab.primary.run(change);
      assert.equal((await bench.findings('prepared-transactions'))[0]?.value, 0, 'the change it offers ends it');
    });

    it('counts deadlocks since it watches and none before', async () => {
      await deadlock(lab);
      if (major >= 15) await sleep(1000);
      bench = await CheckBench.open(lab.primary, { user: 'plain' });
      assert.deepEqual(
        (await bench.findings('deadlocks')).map(({ value, severity }) => [value, severity]),
        [[null, 'ok']],
        'what was before is not counted',
      );
      await until('what is late has come', async () => (await recorded(lab)) === 1, 20_000);
      await bench.findings('deadlocks');
      await deadlock(lab);
      await until('the server has counted it', async () => (await recorded(lab)) === 2, 20_000);
      bench.skew = 60_000;
      const before = await bench.findings('deadlocks');
      const after = before.find(({ subject }) => subject === 'postgres');
      assert.ok(after?.severity === 'warning' && (after.value === 1 || after.value === 2), JSON.stringify(before));
      // The server forgets: what it says is 0, and the deadlock of before stays the one that was seen.
      await lab.primary.run('SELECT pg_stat_reset()');
      bench.skew = 120_000;
      const reset = (await bench.findings('deadlocks')).find(({ subject }) => subject === 'postgres');
      assert.equal(reset?.value, after.value);
      bench.skew = 2_000_000;
      await bench.findings('deadlocks');
      bench.skew = 2_060_000;
      assert.equal((await bench.findings('deadlocks'))[0]?.value, 0, 'after a quarter of an hour it has cleared');
    });

    it('measures temporary files of the last minutes', async () => {
      bench = await CheckBench.open(lab.primary, {}, { 'temp-files.bytes': { warning: 1e6, critical: 1e12 } });
      await bench.findings('temp-files');
      const client = await lab.primary.connect();
      await client.query(
        "SET work_mem = '64kB'; SELECT count(*) FROM (SELECT i FROM generate_series(1, 200000) AS i ORDER BY i DESC) AS x",
      );
      await client.end();
      bench.skew = 60_000;
      await until('it was counted', async () => (await bench.findings('temp-files'))[0]?.subject === 'postgres');
      const [found] = await bench.findings('temp-files');
      assert.equal(found?.severity, 'warning');
      assert.ok((found.value ?? 0) > 1e6);
    });

    it('tells a slow statement by its mean since the last reading, and a longest run that is old without alarm', async () => {
      await lab.primary.run('SELECT pg_stat_statements_reset()');
      const limits = {
        'statements.mean': { warning: 100, critical: 1e6 },
        'statements.max': { warning: 100, critical: 1e6 },
      };
      const client = await lab.primary.connect();
      await client.query('SELECT pg_sleep(0.15)');
      bench = await CheckBench.open(lab.primary, {}, limits);
      const first = await bench.findings('statements');
      const old = first.find(({ signal }) => signal === 'statements.max');
      assert.equal(old?.severity, 'hint');
      assert.match(old.words, /^once ran 1\d\d ms: SELECT pg_sleep/);
      await client.query('SELECT pg_sleep(0.3)');
      bench.skew = 60_000;
      const second = await bench.findings('statements');
      const mean = second.find(({ signal }) => signal === 'statements.mean');
      assert.equal(mean?.severity, 'warning');
      assert.ok((mean.value ?? 0) >= 300 && (mean.value ?? 0) < 450, `only the second run: ${mean.value}`);
      const max = second.find(({ signal }) => signal === 'statements.max');
      assert.equal(max?.severity, 'warning', 'it has risen');
      assert.ok((second.find(({ signal }) => signal === 'statements.calls')?.value ?? 0) > 0);
      await client.end();
    });

    it('says what is missing where pg_stat_statements is not created', async () => {
      await lab.primary.run('CREATE DATABASE bare');
      bench = await CheckBench.open(lab.primary, { user: 'monitor', database: 'bare' });
      const { absent, findings } = await bench.run('statements');
      assert.match(absent ?? '', /not created in bare: CREATE EXTENSION/);
      assert.deepEqual(findings, []);
    });
  });
}

async function recorded(lab: Lab): Promise<number> {
  const [row] = await lab.primary.run<{ n: string }>(
    "SELECT deadlocks AS n FROM pg_stat_database WHERE datname = 'postgres'",
  );
  return Number(row?.n);
}

/** Two sessions that wait for each other until the server ends one of them. */
async function deadlock(lab: Lab): Promise<void> {
  await lab.primary.run('CREATE TABLE IF NOT EXISTS dead (id int PRIMARY KEY, n int)');
  await lab.primary.run('INSERT INTO dead VALUES (1, 0), (2, 0) ON CONFLICT DO NOTHING');
  const clients = await Promise.all([lab.primary.connect(), lab.primary.connect()]);
  const [a, b] = clients;
  await Promise.all(clients.map((client) => client.query("SET deadlock_timeout = '10ms'; BEGIN")));
  await a.query('UPDATE dead SET n = 1 WHERE id = 1');
  await b.query('UPDATE dead SET n = 1 WHERE id = 2');
  const both = [a.query('UPDATE dead SET n = 2 WHERE id = 2'), b.query('UPDATE dead SET n = 2 WHERE id = 1')];
  const outcomes = await Promise.allSettled(both);
  assert.equal(outcomes.filter(({ status }) => status === 'rejected').length, 1);
  await Promise.all(clients.map((client) => client.end()));
}
