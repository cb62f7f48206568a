import assert from 'node:assert/strict';
import type { CheckDefinition } from '../../../src/core/health/check';
import { CheckRun } from '../../../src/core/health/check-run';
import { measured } from '../../../src/core/health/finding';
import { number } from '../../../src/core/ports/row';
import type { Session, Statement } from '../../../src/core/ports/session';
import type { Lab } from '../../lab/lab';
import { sharedLab } from '../../lab/shared-lab';
import { labOpener, profileOf } from '../support/monitor';

const seven: Statement<number> = { name: 'seven', text: '\nSELECT 7 AS n', row: (raw) => number(raw, 'n') };
const slow: Statement<number> = { ...seven, text: 'SELECT 7 AS n FROM pg_sleep(2)', timeoutMs: 50 };
const broken: Statement<number> = { ...seven, text: 'SELECT n FROM no_such_table' };

describe('a check over time', () => {
  let lab: Lab;
  let session: Session;
  /** What the check sends next. */
  let statement = seven;
  const definition: CheckDefinition<number> = {
    id: 'test',
    group: 'pool',
    title: 'Test',
    explanation: '',
    runbook: 'scaling',
    tierMs: 60_000,
    keepMs: 120_000,
    read: (query) => query(statement),
    evaluate: ({ now, earlier }) => [
      measured('test.sum', '', now.rows[0] ?? null, 'count', null, { words: `${earlier.length} before` }),
    ],
  };
  const begin = (changes: Partial<CheckDefinition<number>> = {}): CheckRun<number> =>
    new CheckRun({ ...definition, ...changes }, (_, standard) => standard);
  const run = (check: CheckRun<number>, at: number): Promise<void> =>
    check.run(session, undefined, () => at, new AbortController().signal);

  before(async () => {
    lab = await sharedLab();
  });
  beforeEach(async () => {
    statement = seven;
    session = await labOpener.open(profileOf(lab.primary, 'check', { user: 'plain' }), new AbortController().signal);
  });
  afterEach(() => session.close());

  it('keeps the samples of its time, and shows the statement it sent', async () => {
    const check = begin();
    for (const at of [0, 60_000, 120_000, 180_000, 400_000]) await run(check, at);
    const { findings, sql, at } = check.outcome;
    assert.deepEqual([findings[0]?.words, sql, at], ['0 before', 'SELECT 7 AS n', 400_000]);
    await run(check, 460_000);
    assert.equal(check.outcome.findings[0]?.words, '1 before');
  });

  it('compares nothing with another server that answers at its address, and goes on after a restart', async () => {
    const check = begin();
    const begun = Date.parse(session.capabilities.startedAt);
    assert.ok(begun > 0);
    await run(check, begun + 60_000);
    const capabilitiesAt = (ms: number): Session =>
      Object.create(session, {
        capabilities: { value: { ...session.capabilities, startedAt: new Date(ms).toISOString() } },
      }) as Session;
    const words = async (on: Session, at: number): Promise<string | undefined> => {
      await check.run(on, undefined, () => at, new AbortController().signal);
      return check.outcome.findings[0]?.words;
    };
    assert.equal(await words(capabilitiesAt(begun + 90_000), begun + 120_000), '1 before');
    assert.equal(await words(capabilitiesAt(begun - 9e9), begun + 130_000), '0 before');
  });

  it('says why it was not read, leaves what it knew, and is well again', async () => {
    const check = begin();
    await run(check, 0);
    statement = broken;
    await run(check, 60_000);
    const { problem, at, findings } = check.outcome;
    assert.match(problem ?? '', /^not read: .*no_such_table/);
    assert.deepEqual([at, findings[0]?.value], [0, 7]);
    statement = seven;
    await run(check, 120_000);
    assert.deepEqual([check.outcome.problem, check.outcome.at], [null, 120_000]);
  });

  it('waits longer after a time-out, so that it does not hold up the others again and again', async () => {
    const check = begin();
    statement = slow;
    await run(check, 0);
    assert.match(check.outcome.problem ?? '', /^not read: /);
    assert.deepEqual([check.isDue(60_000), check.isDue(500_000), check.isDue(900_000)], [false, false, true]);
    statement = seven;
    await run(check, 900_000);
    assert.equal(check.isDue(960_000), true, 'and is itself again');
  });

  it('throws what ends the session: that concerns every check', async () => {
    const check = begin();
    await lab.primary.run('SELECT pg_terminate_backend($1)', [session.capabilities.backendPid]);
    await assert.rejects(run(check, 0), { reason: /connection-lost|shutting-down/ });
    assert.equal(check.outcome.problem, null);
  });

  it('is due when the clock was set back, and takes no sample of the future', async () => {
    const check = begin();
    await run(check, 1_000_000);
    assert.deepEqual([check.isDue(1_010_000), check.isDue(900_000)], [false, true]);
    await run(check, 900_000);
    assert.equal(check.outcome.findings[0]?.words, '0 before');
  });

  it('asks nothing that the role may not see, and says so', async () => {
    const check = begin({ needsFullView: true });
    statement = broken;
    await run(check, 0);
    const { problem, findings } = check.outcome;
    assert.equal(problem, null);
    assert.deepEqual(
      findings.map(({ severity, value, words }) => [severity, value, words]),
      [['unknown', null, 'limited view']],
    );
  });

  it('asks nothing where the sessions tell that there is nothing', async () => {
    const check = begin({ isNeeded: ({ lockWaiters }) => lockWaiters !== 0 });
    const sessions = { lockWaiters: 0 } as Parameters<NonNullable<typeof definition.isNeeded>>[0];
    statement = broken;
    await check.run(session, sessions, () => 5, new AbortController().signal);
    const { problem, at, findings } = check.outcome;
    assert.deepEqual([problem, at, findings[0]?.value], [null, 5, null]);
  });
});
