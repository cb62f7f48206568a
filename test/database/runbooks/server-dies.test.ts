import assert from 'node:assert/strict';
import type { AuditEntry } from '../../../src/core/history/audit-log';
import type { Runbook, StepResult } from '../../../src/core/runbooks/runbook';
import { backendPid, lockChain, until, type Fault } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import type { LabServer } from '../../lab/server';
import { profileOf } from '../support/monitor';
import { RunbookBench } from '../support/runbook';

/** kill -9 of the postmaster while an action of each kind is under way: a signal, a statement, long work. */
describe('a server that dies in the middle of an action', function () {
  this.timeout(90_000);
  let lab: Lab;
  let primary: LabServer;
  let bench: RunbookBench;
  let faults: Fault[] = [];
  before(async () => {
    lab = await startLab({ settings: { autovacuum: 'off' } });
    primary = lab.primary;
    bench = new RunbookBench([profileOf(primary, 'shop')]);
    await primary.run(
      'CREATE TABLE orders (n int); INSERT INTO orders VALUES (1); ALTER TABLE orders ADD CONSTRAINT open CHECK (n > 0) NOT VALID',
    );
    await primary.run('CREATE TABLE items AS SELECT i AS code FROM generate_series(1, 60000) AS i');
    await primary.run('CREATE INDEX items_code ON items (code)');
    await primary.run('DELETE FROM items WHERE code % 10 <> 0');
    await primary.run('VACUUM (ANALYZE) items');
    // Whatever is written down must outlive the crash.
    await primary.run('CHECKPOINT');
  });
  after(async () => {
    await bench.close();
    await lab.stop();
  });
  afterEach(async () => {
    await Promise.all(faults.map((fault) => fault.heal().catch(() => undefined)));
    faults = [];
  });
  const actions = (): readonly AuditEntry[] => bench.audit.actions('shop', 0, Infinity);

  /** Runs a step, kills the server as soon as it is under way, and starts it again after the step has ended. */
  async function dies(book: Runbook, step: string, underWay: () => Promise<boolean>): Promise<StepResult> {
    const before = actions().length;
    const ends = bench.run(book, step, 'shop');
    await until(`${step} is under way`, underWay);
    await primary.kill();
    const result = await ends;
    assert.match(result.markdown, /^\*\*Not known\.\*\* (It was sent\. )?Whether .* is not known/);
    assert.ok(result.failed && result.acted);
    assert.ok(actions().length === before + 1 && actions().at(-1)?.outcome === 'unknown');
    // While it is away nothing is green.
    await assert.rejects(bench.run(book, 'verify', 'shop'), { name: 'DatabaseError' });
    await primary.start();
    return result;
  }

  it('a signal: it is looked at again, and who is gone is not hit twice', async function () {
    if (process.platform === 'win32') this.skip();
    const chain = await lockChain(primary);
    faults.push(chain);
    const { a } = chain.pids;
    const book = await bench.open('lock-contention');
    await bench.diagnose(book, 'shop');
    // Stopped, it does not follow the signal: the gate is still looking when the server dies.
    process.kill(a, 'SIGSTOP');
    bench.prompts.script(`Terminate ${a}`, true);
    const { markdown } = await dies(book, 'act', () => {
      if (!actions().some(({ outcome }) => outcome === 'sent')) return Promise.resolve(false);
      setTimeout(() => process.kill(a, 'SIGCONT'), 500);
      return Promise.resolve(true);
    });
    assert.match(markdown, new RegExp(`session ${a} was terminated`));
    assert.match((await bench.run(book, 'verify', 'shop')).markdown, /The graph is empty/);
    bench.prompts.script(`Terminate ${a}`, true);
    assert.match((await bench.run(book, 'act', 'shop')).markdown, /Nobody waits for a lock now/);
    assert.equal(actions().length, 1);
  });

  it('a statement: it is undone, and runs once more when a person says so', async () => {
    const locker = await primary.connect();
    locker.on('error', () => undefined);
    faults.push({ heal: () => locker.end() });
    const book = await bench.open('migration-rollback');
    await bench.diagnose(book, 'shop');
    const confirm = bench.prompts.confirm.bind(bench.prompts);
    bench.prompts.confirm = async (question) => {
      await locker.query('BEGIN; LOCK TABLE orders IN SHARE UPDATE EXCLUSIVE MODE');
      return confirm(question);
    };
    bench.prompts.script('open', true);
    const waits = async (): Promise<boolean> => {
      const rows = await primary.run(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%VALIDATE CONSTRAINT%'",
      );
      return rows.length === 1;
    };
    const { markdown } = await dies(book, 'validate', waits).finally(() => (bench.prompts.confirm = confirm));
    assert.match(markdown, /Whether the constraint open of public\S*orders was validated is not known/);
    assert.match((await bench.run(book, 'verify', 'shop')).markdown, /NOT VALID \| 1 \| 1 \| \*\*not yet/);
    bench.prompts.script('open', true);
    assert.match((await bench.run(book, 'validate', 'shop')).markdown, /^\*\*Done\.\*\*/);
    assert.match((await bench.run(book, 'verify', 'shop')).markdown, /Good again/);
  });

  it('long work: it is told as lost, stays written down, and is looked for when the server is back', async () => {
    const reader = await primary.connect({ applicationName: 'reader' });
    reader.on('error', () => undefined);
    faults.push({ heal: () => reader.end() });
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM items');
    const book = await bench.open('reindex');
    assert.equal((await bench.diagnose(book, 'shop')).next, 'rebuild');
    bench.prompts.script('public.items_code', true);
    await dies(book, 'rebuild', async () => {
      const rows = await primary.run('SELECT 1 FROM pg_stat_progress_create_index WHERE current_locker_pid = $1', [
        await backendPid(reader),
      ]);
      return rows.length === 1;
    });
    const told = (): readonly string[] =>
      bench.prompts.asked.flatMap((asked) => (asked.kind === 'notify' ? [asked.message] : []));
    await until('it is told', () => Promise.resolve(told().length > 0));
    assert.match(
      told()[0] ?? '',
      /^shop, reindex public\.items_code: (whether session \d+ of .* still runs is not known|session \d+ has ended)/,
    );
    await bench.work.resume();
    assert.match(told().at(-1) ?? '', /has ended meanwhile\. Whether it came to its end is seen in the runbook/);
    assert.deepEqual(bench.workRecords, []);
    const { markdown, next } = await bench.diagnose(book, 'shop');
    assert.match(markdown, /^\*\*1 invalid index: public\S*items\S*code\S*ccnew/, 'what it has left is found first');
    assert.equal(next, 'drop');
  });
});
