import { locksStatement, type LockState } from '../health/blocking';
import { buildLockState } from '../health/blocking-graph';
import type { Prompts } from '../ports/prompts';
import type { ActionGate } from './action-gate';
import { graphMarkdown, heldLocksMarkdown, verdictMarkdown } from './lock-evidence';
import { lockVerdict } from './lock-verdict';
import { escapeMarkdown, fenced } from './markdown';
import type { Runbook, StepResult, StepRun } from './runbook';
import { actionStatement, freeze, heldLocksStatement, type SessionAction } from './session-actions';

/** What the cells of one open notebook have found. */
export interface LockMemory {
  before: LockState | undefined;
  latest: LockState | undefined;
}

const why = `# Lock Contention

**When:** queries time out, deadlocks are in the log, the application speaks of locks.

The first cells read who waits for whom and have run already. The verdict names the root: the session that waits for
nobody and holds up the others. *Act* asks which session, shows the exact statement and asks again before it runs.
*Verify* reads the graph anew.

The join on \`pg_locks\` that circulates for this blames innocent sessions; \`pg_blocking_pids\` is the server's own answer.
Advisory locks are no remedy: shorter transactions, one order of locking, and \`lock_timeout\` are.`;

const anyVictim = freeze({
  pid: 0,
  backendStart: null,
  backendType: null,
  database: null,
  user: null,
  application: null,
  clientAddress: null,
  state: null,
  waitEvent: null,
  transactionAgeS: null,
  queryAgeS: null,
  stateAgeS: null,
  waitingS: null,
  waits: false,
  query: null,
  blockedBy: [],
  blocks: [],
  holdsUp: 0,
});

const actText = (major: number): string =>
  ['cancel', 'terminate']
    .map(
      (action) =>
        `-- ${action}: $1 is the pid, $2 the backend_start of the chosen session\n${actionStatement(action as SessionAction, anyVictim, major).text}`,
    )
    .join(';\n\n');

/** The runbook of the guide's "Database Lock Contention". */
export function lockContention(gate: ActionGate, prompts: Prompts): Runbook<LockMemory> {
  return {
    id: 'lock-contention',
    version: 1,
    title: 'Lock Contention',
    newMemory: () => ({ before: undefined, latest: undefined }),
    steps: [
      { id: 'why', kind: 'why', language: 'markdown', text: () => why },
      {
        id: 'graph',
        kind: 'diagnose',
        language: 'sql',
        text: (major) => locksStatement(major).text.trim(),
        run: readGraph,
      },
      {
        id: 'locks',
        kind: 'diagnose',
        language: 'sql',
        text: () => heldLocksStatement([]).text.trim(),
        run: readLocks,
      },
      {
        id: 'verdict',
        kind: 'verdict',
        language: 'plaintext',
        text: () => 'Verdict: what the graph means, and the next step',
        run: giveVerdict,
      },
      { id: 'act', kind: 'act', language: 'sql', text: actText, run: (run) => act(run, gate, prompts) },
      {
        id: 'verify',
        kind: 'verify',
        language: 'sql',
        text: (major) => locksStatement(major).text.trim(),
        run: verify,
      },
    ],
  };
}

async function graph(run: StepRun<LockMemory>): Promise<LockState> {
  const { capabilities } = run.session;
  const rows = await run.session.read(locksStatement(capabilities.major), run.signal);
  const state = buildLockState(rows, !capabilities.seesAllSessions);
  run.memory.before ??= state;
  run.memory.latest = state;
  return state;
}

async function readGraph(run: StepRun<LockMemory>): Promise<StepResult> {
  run.memory.before = undefined;
  return ok(graphMarkdown(await graph(run)));
}

async function readLocks(run: StepRun<LockMemory>): Promise<StepResult> {
  const state = run.memory.latest ?? (await graph(run));
  if (state.sessions.size === 0) return ok('No session waits for a lock.');
  return ok(heldLocksMarkdown(await run.session.read(heldLocksStatement([...state.sessions.keys()]), run.signal)));
}

async function giveVerdict(run: StepRun<LockMemory>): Promise<StepResult> {
  return ok(verdictMarkdown(lockVerdict(run.memory.latest ?? (await graph(run)))));
}

async function act(run: StepRun<LockMemory>, gate: ActionGate, prompts: Prompts): Promise<StepResult> {
  const state = await graph(run);
  if (state.waiting === 0) return ok('Nobody waits for a lock now: there is nothing to do.');
  const { recommended } = lockVerdict(state);
  const candidates = [...state.sessions.values()]
    .filter((session) => session.blocks.length > 0 || session.pid === recommended?.pid)
    .sort((a, b) => Number(b.pid === recommended?.pid) - Number(a.pid === recommended?.pid) || b.holdsUp - a.holdsUp);
  const choices = candidates.flatMap((session) =>
    (session.pid === recommended?.pid ? [recommended.action] : (['cancel', 'terminate'] as const)).map((action) => ({
      label: `${action === 'cancel' ? 'Cancel query of' : 'Terminate'} ${session.pid}`,
      description: `${session.pid === recommended?.pid ? 'recommended · ' : ''}${session.application ?? ''} · ${session.state ?? 'state hidden'} · holds up ${session.holdsUp}`,
      detail: (session.query ?? '').replace(/\s+/g, ' ').slice(0, 120),
      value: { victim: freeze(session), action },
    })),
  );
  const chosen = await prompts.pick(
    `Lock Contention on ${run.profile.name}`,
    choices,
    'The list is frozen: pid and backend_start are checked again when it runs',
  );
  if (!chosen) return ok('Nothing was done.');
  const outcome = await gate.signal(run.profile.id, chosen.victim, chosen.action, run.signal);
  const ran = outcome.sql === undefined ? '' : `\n\n${fenced(outcome.sql, 'sql')}`;
  return {
    markdown: `**${outcome.kind}** at ${run.now.toISOString()}: ${escapeMarkdown(outcome.message)}${ran}`,
    failed: ['refused', 'still-there', 'unknown'].includes(outcome.kind),
  };
}

async function verify(run: StepRun<LockMemory>): Promise<StepResult> {
  const before = run.memory.before?.waiting;
  const state = await graph(run);
  const compared = before === undefined ? '' : `Before: ${before} waiting. `;
  if (state.waiting === 0)
    return ok(
      `${compared}Now: nobody waits for a lock.${state.limited ? ' Limited view: what this role cannot see may differ.' : ''}`,
    );
  return {
    markdown: `${compared}Now: **${state.waiting} still waiting**.\n\n${graphMarkdown(state)}\n\n${verdictMarkdown(lockVerdict(state))}`,
    failed: true,
  };
}

function ok(markdown: string): StepResult {
  return { markdown, failed: false };
}
