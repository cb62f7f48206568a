import assert from 'node:assert/strict';
import type { RunbookId } from '../../../src/core/health/signal';
import type { AuditEntry } from '../../../src/core/history/audit-log';
import { runbookEntries } from '../../../src/core/runbooks/registry';
import { until } from '../../lab/faults';
import type { LabServer } from '../../lab/server';
import { TcpProxy } from '../../lab/tcp-proxy';
import { IncidentWorld, reachable } from '../support/incident-world';
import { profileOf } from '../support/monitor';
import { RunbookBench } from '../support/runbook';

/** Those that wait for the other faults of this world, and the one that ends it. */
const left: ReadonlySet<string> = new Set(['vacuum holder', 'reindex rebuild', 'database-unavailable promote']);

/** What tells an action in the log of the server from what this test sends itself. */
const words = [
  'pg_catalog.pg_terminate_backend(',
  'pg_catalog.pg_cancel_backend(',
  'pg_catalog.pg_drop_replication_slot(',
  'SELECT pg_catalog.pg_wal_replay_resume(',
  'DROP INDEX CONCURRENTLY',
  'VALIDATE CONSTRAINT',
  'ROLLBACK PREPARED',
  'VACUUM (ANALYZE, SKIP_LOCKED)',
  'SELECT pg_catalog.pg_switch_wal(',
  'pg_catalog.pg_create_physical_replication_slot(',
];

describe('an action whose answer is lost', function () {
  this.timeout(90_000);
  let world: IncidentWorld;
  let bench: RunbookBench;
  let proxies: ReadonlyMap<string, TcpProxy>;
  /** Called with each action right before it is sent. */
  let onSent: (entry: AuditEntry) => void = () => undefined;
  before(async () => {
    world = await IncidentWorld.start();
    const { primary, standby } = world;
    proxies = new Map([
      ['shop', await TcpProxy.start(primary)],
      ['replica', await TcpProxy.start(standby)],
    ]);
    const through = (server: LabServer, id: string): ReturnType<typeof profileOf> =>
      profileOf(server, id, { host: 'localhost', port: proxies.get(id)!.port });
    bench = new RunbookBench([through(primary, 'shop'), through(standby, 'replica')]);
    const record = bench.audit.record.bind(bench.audit);
    bench.audit.record = (entry) => {
      record(entry);
      if (entry.outcome === 'sent') onSent(entry);
    };
    bench.prompts.pick = (_title, choices) =>
      Promise.resolve((choices.find(({ label }) => /^(Yes, |public\.bloated$)/.test(label)) ?? choices[0])?.value);
    bench.prompts.input = ({ placeholder }) => Promise.resolve(placeholder);
  });
  after(async () => {
    await bench.close();
    await Promise.all([...proxies.values()].map((proxy) => proxy.stop()));
    await world.stop();
  });
  afterEach(() => {
    onSent = () => undefined;
  });
  const actions = (): readonly AuditEntry[] => bench.audit.actions('shop', 0, Infinity);

  /** How often the server was told to run a statement, by its own log. */
  async function runs(server: LabServer, word: string): Promise<number> {
    const entries = (await server.log()).split('LOG:  ');
    return entries.filter((entry) => /^(?:execute|statement)/.test(entry) && entry.includes(word)).length;
  }

  for (const { id } of runbookEntries) {
    const wanted = [...reachable].filter((name) => name.startsWith(`${id} `) && !left.has(name));
    if (wanted.length === 0) continue;
    it(`is not known in ${id}: it ran once, is not sent again, and is looked for`, async () => {
      for (const name of wanted) await lose(id, name.slice(id.length + 1));
    });
  }

  it('is not known of a promotion, and the new primary is found', async () => {
    const { primary, standby } = world;
    const book = await bench.open('database-unavailable');
    await world.heal();
    await bench.diagnose(book, 'shop');
    await primary.kill();
    // Nobody listens at its address any more.
    await proxies.get('shop')?.stop();
    await until('the standby is an orphan', async () => {
      return (await standby.run("SELECT 1 FROM pg_stat_wal_receiver WHERE status = 'streaming'")).length === 0;
    });
    assert.equal((await bench.diagnose(book, 'shop')).next, 'promote');
    const before = actions().length;
    onSent = (entry) => proxies.get('replica')?.cutAfter(entry.statement.slice(0, 25));
    bench.prompts.script(true);
    const { markdown, failed } = await bench.run(book, 'promote', 'shop');
    assert.match(markdown, /^\*\*Not known\.\*\* Whether replica was promoted is not known/);
    assert.ok(failed);
    await until('it takes writes', async () => {
      return (await standby.run<{ r: boolean }>('SELECT pg_is_in_recovery() AS r'))[0]?.r === false;
    });
    const verify = await bench.run(book, 'verify', 'shop');
    assert.match(verify.markdown, /A primary that takes writes \| none known \| replica \| good/);
    assert.equal(actions().length, before + 1);
    assert.equal(await runs(standby, 'SELECT pg_catalog.pg_promote('), 1);
  });

  async function lose(id: RunbookId, step: string): Promise<void> {
    await world.inject();
    if (step === 'query') await world.standbyIsBusy();
    const book = await bench.open(id);
    await bench.diagnose(book, 'shop');
    const before = actions().length;
    const server = id === 'replication-lag' && step !== 'slot' ? world.standby : world.primary;
    const ran = new Map<string, number>();
    for (const word of words) ran.set(word, await runs(server, word));
    let sent: AuditEntry | undefined;
    onSent = (entry) => {
      sent = entry;
      proxies.get(entry.connectionId)?.cutAfter(entry.statement.slice(0, 25));
    };
    bench.prompts.script(true);
    const { markdown, failed, acted } = await bench.run(book, step, 'shop');
    const name = `${id} ${step}: ${markdown}`;
    assert.match(markdown, /^\*\*Not known\.\*\* (It was sent\. )?Whether .* is not known/, name);
    assert.ok(failed && acted, name);
    const word = words.find((one) => sent?.statement.includes(one));
    assert.ok(word, name);
    const once = (ran.get(word) ?? NaN) + 1;
    // The server has it and runs it, though nobody waits for its answer.
    await until(`it runs, ${name}`, async () => (await runs(server, word)) >= once);
    // Then it is looked at over a new session; nothing is sent again.
    assert.notEqual((await bench.run(book, 'verify', 'shop')).markdown, '');
    assert.notEqual((await bench.diagnose(book, 'shop')).markdown, '');
    assert.equal(actions().length, before + 1, `written down once, ${name}`);
    assert.equal(actions().at(-1)?.outcome, 'unknown');
    assert.equal(await runs(server, word), once, `run once, ${name}`);
  }
});
