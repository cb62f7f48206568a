import { locksStatement, type LockState } from '../../health/blocking';
import { buildLockState } from '../../health/blocking-graph';
import { formatDuration } from '../../format/quantities';
import { preparedTransactionsStatement } from '../../health/checks/prepared-transactions';
import type { Prompts } from '../../ports/prompts';
import type { ActionGate } from '../action-gate';
import { Kept } from '../kept';
import { outcomeResult } from '../outcome-result';
import type { RunbookTools } from '../registry';
import { heldLocksStatement } from './held-locks';
import { chooseVictim } from './choose-victim';
import { graphMarkdown, heldLocksMarkdown, verdictMarkdown } from './lock-evidence';
import { lockVerdict, type LockVerdict } from './lock-verdict';
import { moreLockSteps } from './deadlocks-keys';
import { rollbackPrepared, rollbackPreparedSql } from './prepared-action';
import { ok, type Place, type Runbook, type Step, type StepResult, type StepRun } from '../runbook';
import { actionStatement } from '../session-actions';

/** How many waited when the diagnosis was made. */
const waitingBefore = new Kept<number>();
const latest = new Kept<{ readonly state: LockState; readonly at: number }>();

/** A graph older than this is read again, in ms: a verdict on an old one would be one on the past. */
const freshMs = 10_000;

const why = `# Lock Contention

**When:** queries time out, deadlocks are in the log, the application speaks of locks.

The cells that only read run at once. The _verdict_ names the root: the session that waits for nobody and holds up the
others. _Act_ lets you choose a session, shows the exact statement and asks before it runs. _Verify_ reads the graph anew.

The join on \`pg_locks\` that circulates for this blames innocent sessions; \`pg_blocking_pids\` is the server's own answer.
Advisory locks are no remedy: shorter transactions, one order of locking, and \`lock_timeout\` are.`;

function actText({ major }: Place): string {
  const nobody = { pid: 0, backendStart: null };
  return (['cancel', 'terminate'] as const)
    .map((action) => `-- ${action}\n${actionStatement(action, nobody, major).text};`)
    .join('\n\n');
}

/** The runbook of the guide's "Database Lock Contention". */
export function lockContention({ gate, prompts }: RunbookTools): Runbook {
  const graphText = ({ major }: Place): string => locksStatement(major).text.trim();
  const steps: readonly Step[] = [
    { id: 'why', kind: 'why', language: 'markdown', text: () => why },
    {
      id: 'graph',
      kind: 'diagnose',
      language: 'sql',
      heading: '## Who waits for whom',
      text: graphText,
      run: readGraph,
    },
    {
      id: 'locks',
      kind: 'diagnose',
      language: 'sql',
      heading: '## Which locks they hold and want\n\n`$1` stands for the sessions of the graph.',
      text: () => heldLocksStatement([]).text.trim(),
      run: readLocks,
    },
    ...moreLockSteps,
    {
      id: 'verdict',
      kind: 'verdict',
      language: 'plaintext',
      heading: '## Verdict',
      text: () => 'What the graph means, and the next step',
      run: giveVerdict,
    },
    {
      id: 'act',
      kind: 'act',
      language: 'sql',
      button: 'Act: choose a session…',
      heading:
        '## Act\n\nRun the cell to choose a session. `$1` is its pid and `$2` its `backend_start`: a later session with the same pid is not touched. Nothing runs before you have confirmed it.',
      text: actText,
      run: (run) => act(run, gate, prompts),
    },
    {
      id: 'prepared',
      kind: 'act',
      language: 'sql',
      button: 'Act: roll back a prepared transaction…',
      heading: '## Act on a prepared transaction\n\nOnly when its transaction manager has given it up.',
      text: () => `${rollbackPreparedSql};`,
      run: (run) => actOnPrepared(run, gate, prompts),
    },
    { id: 'verify', kind: 'verify', language: 'sql', heading: '## Verify', text: graphText, run: verify },
  ];
  return { id: 'lock-contention', version: 2, title: 'Lock Contention', level: 'L1', steps };
}

async function readAnew(run: StepRun): Promise<LockState> {
  const { capabilities } = run.session;
  const rows = await run.session.read(locksStatement(capabilities.major), run.signal);
  const state = buildLockState(rows, !capabilities.seesAllSessions);
  latest.set(run.memory, { state, at: run.now.getTime() });
  return state;
}

async function recent(run: StepRun): Promise<LockState> {
  const known = latest.get(run.memory);
  return known && run.now.getTime() - known.at < freshMs ? known.state : readAnew(run);
}

async function readGraph(run: StepRun): Promise<StepResult> {
  const state = await readAnew(run);
  waitingBefore.set(run.memory, state.waiting);
  return ok(graphMarkdown(state));
}

async function readLocks(run: StepRun): Promise<StepResult> {
  const state = await recent(run);
  if (state.sessions.size === 0) return ok('No session waits for a lock.');
  return ok(heldLocksMarkdown(await run.session.read(heldLocksStatement([...state.sessions.keys()]), run.signal)));
}

async function giveVerdict(run: StepRun): Promise<StepResult> {
  const verdict = lockVerdict(await recent(run));
  return { markdown: verdictMarkdown(verdict), failed: false, ...nextOf(verdict) };
}

function nextOf({ recommended, prepared }: LockVerdict): Pick<StepResult, 'next'> {
  if (recommended) return { next: 'act' };
  return prepared === true ? { next: 'prepared' } : {};
}

async function act(run: StepRun, gate: ActionGate, prompts: Prompts): Promise<StepResult> {
  const state = await readAnew(run);
  waitingBefore.set(run.memory, state.waiting);
  if (state.waiting === 0) return ok('Nobody waits for a lock now: there is nothing to do.');
  const chosen = await chooseVictim(state, prompts, run.profile.name);
  if (!chosen) return ok('Nothing was done.');
  const outcome = await gate.signal(run.profile.id, chosen.victim, chosen.action, run.signal);
  return outcomeResult(outcome, { role: run.session.capabilities.user });
}

async function actOnPrepared(run: StepRun, gate: ActionGate, prompts: Prompts): Promise<StepResult> {
  const all = await run.session.read(preparedTransactionsStatement, run.signal);
  if (all.length === 0) return ok('There is no prepared transaction: there is nothing to do.');
  const gid = await prompts.pick(
    `Prepared Transactions of ${run.profile.name}`,
    all.map((one) => ({
      label: one.gid,
      description: [one.owner ?? 'owner hidden', one.database ?? '', formatDuration(one.ageS)].join(' · '),
      value: one.gid,
    })),
    'Which one? The next question shows the exact statement',
  );
  if (gid === undefined) return ok('Nothing was done.');
  const outcome = await gate.run(run.profile.id, rollbackPrepared(gid), run.signal);
  return outcomeResult(outcome, { role: run.session.capabilities.user });
}

async function verify(run: StepRun): Promise<StepResult> {
  const before = waitingBefore.get(run.memory);
  const state = await readAnew(run);
  const compared = before === undefined ? '' : `Before: ${before} waiting. `;
  if (state.waiting === 0) return ok(`${compared}Now: **nobody waits for a lock.** The graph is empty.`);
  return {
    markdown: `${compared}Now: **${state.waiting} still waiting.**\n\n${graphMarkdown(state)}\n\n${verdictMarkdown(lockVerdict(state))}`,
    failed: true,
  };
}
