import { formatCount, formatDuration } from '../../format/quantities';
import type { LockSession, LockState } from '../../health/blocking';
import { applicationName } from '../action-text';
import type { SessionAction } from '../session-actions';

/** What the blocking graph means and what to do next. */
export interface LockVerdict {
  readonly headline: string;
  readonly lines: readonly string[];
  /** The session to act on first, and how; undefined when nothing needs to be done or nothing can be by a click. */
  readonly recommended: { readonly pid: number; readonly action: SessionAction; readonly why: string } | undefined;
  /** The root is a prepared transaction: there is an action of its own for it. */
  readonly prepared?: boolean;
}

/** Statements that take a lock which even readers wait for. */
const strongLock =
  /^\s*(?:\/\*.*?\*\/\s*)*(alter|drop|truncate|lock|cluster|reindex|vacuum|refresh|create\s+(?:unique\s+)?index|create\s+trigger)\b/is;

/** Names the root, how many it holds up and the step that frees most with the least harm. */
export function lockVerdict(state: LockState): LockVerdict {
  const caveats = [
    ...(state.limited
      ? ['Limited view: this role does not see what the sessions do. The advice may be incomplete; grant pg_monitor.']
      : []),
    ...(state.truncated ? ['More sessions wait than were read: the graph is a part of the truth.'] : []),
  ];
  const root = state.sessions.get(state.roots[0] ?? -1);
  if (state.waiting === 0 || !root) {
    const headline =
      state.waiting === 0
        ? 'Nobody waits for a lock now.'
        : `${formatCount(state.waiting, 'session')} waited, and the one in the way ended while it was read.`;
    return {
      headline,
      lines: [
        'If it was reported a moment ago, it has passed: look at the log for "still waiting for" (log_lock_waits) and for deadlocks.',
        ...caveats,
      ],
      recommended: undefined,
    };
  }
  const cycle = root.blockedBy.length > 0;
  const ddl = cycle ? undefined : queuedDdl(state, root);
  const { headline, lines, recommended, prepared } = ddl ?? (cycle ? deadlock(state, root) : plainRoot(root));
  const more = cycle ? [] : moreRoots(state, root, ddl !== undefined);
  return {
    headline,
    lines: [...lines, ...more, ...caveats],
    recommended,
    ...(prepared === undefined ? {} : { prepared }),
  };
}

/** What else is to be done after the first step. Roots that the queued DDL waits for need nothing once it is cancelled. */
function moreRoots(state: LockState, root: LockSession, ddl: boolean): readonly string[] {
  const behind = reachable(state, root.pid);
  const others = state.roots
    .filter((pid) => pid !== root.pid)
    .filter((pid) => !ddl || [...reachable(state, pid)].some((waiter) => !behind.has(waiter)));
  if (others.length === 0) return [];
  const count = others.length === 1 ? 'is 1 more root' : `are ${others.length} more roots`;
  return [`There ${count}: ${pidList(others)}. Read again after each step.`];
}

function pidList(pids: readonly number[]): string {
  const shown = pids.slice(0, 10).map((pid) => (pid === 0 ? 'a prepared transaction' : String(pid)));
  return pids.length > 10 ? `${shown.join(', ')} and ${pids.length - 10} more` : shown.join(', ');
}

function deadlock(state: LockState, root: LockSession): LockVerdict {
  const members = [...reachable(state, root.pid)]
    .filter((pid) => reachable(state, pid).has(root.pid))
    .sort((a, b) => a - b);
  return {
    headline: `Sessions ${pidList(members)} wait for each other: a deadlock.`,
    lines: [
      'The server ends one of the sessions by itself after deadlock_timeout. Read again in a second; look in the log for the two statements.',
    ],
    recommended: undefined,
  };
}

/**
 * A strong lock that waits in the queue holds up everybody behind it: cancelling it frees them and undoes nothing. Only
 * where that frees all who wait because of this root: otherwise the root itself is in their way too.
 */
function queuedDdl(state: LockState, root: LockSession): LockVerdict | undefined {
  const behind = reachable(state, root.pid);
  const candidates = [...behind]
    .map((pid) => state.sessions.get(pid))
    .filter((session) => session !== undefined)
    .filter((session) => session.blocks.length > 0 && strongLock.test(session.query ?? ''));
  for (const ddl of candidates) {
    const stay = waitingWithout(state, ddl.pid);
    const freed = [...behind].filter((pid) => pid !== ddl.pid && !stay.has(pid)).length;
    if (freed < behind.size - 1) continue;
    const before = pidList(ddl.blockedBy);
    const statement = firstWords(ddl.query);
    return {
      headline: `Session ${ddl.pid} (${statement}) queues behind ${before} and holds up ${formatCount(freed, 'session')}.`,
      lines: [
        `In its way: ${before}. But the sessions behind wait only because a strong lock is queued in front of them. Cancelling ${ddl.pid} frees them all; only its own transaction is rolled back.`,
        "Run it again later with SET LOCAL lock_timeout = '2s' and a retry, when no long transaction is open.",
      ],
      recommended: {
        pid: ddl.pid,
        action: 'cancel',
        why: `frees ${formatCount(freed, 'session')} without touching ${before}`,
      },
    };
  }
  return undefined;
}

/** The sessions that wait for `pid`, directly or through others. */
function reachable(state: LockState, pid: number): ReadonlySet<number> {
  const found = new Set<number>();
  const open = [pid];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const waiter of state.sessions.get(at)?.blocks ?? []) {
      if (found.has(waiter)) continue;
      found.add(waiter);
      open.push(waiter);
    }
  }
  return found;
}

/** The sessions that would still wait if `gone` were out of the queue. */
function waitingWithout(state: LockState, gone: number): ReadonlySet<number> {
  const stay = new Set<number>();
  const open = [...state.sessions.values()].filter((session) => !session.waits).map((session) => session.pid);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const waiter of state.sessions.get(at)?.blocks ?? []) {
      if (waiter === gone || stay.has(waiter)) continue;
      stay.add(waiter);
      open.push(waiter);
    }
  }
  return stay;
}

function plainRoot(root: LockSession): LockVerdict {
  const held = formatCount(root.holdsUp, 'session');
  if (root.pid === 0) {
    const names = root.preparedTransactions?.map((name) => `"${name}"`).join(', ') ?? '';
    return {
      headline: `A prepared transaction holds up ${held}.`,
      lines: [
        `Prepared transactions in this server: ${names}. It has no session: its transaction manager must finish it, or its owner runs ROLLBACK PREPARED with its name after making sure that it is abandoned.`,
      ],
      recommended: undefined,
      prepared: true,
    };
  }
  const who = `${applicationName(root.application)}, role ${root.user ?? 'hidden'}, ${root.clientAddress ?? 'local'}`;
  const name = `Session ${root.pid} (${who}) holds up ${held}`;
  if (root.backendType !== null && root.backendType !== 'client backend') {
    const worker = root.backendType === 'autovacuum worker';
    return {
      headline: `${name}: it is a server process (${root.backendType}), not a client.`,
      lines: [
        worker
          ? 'An autovacuum gives way by itself after deadlock_timeout, unless it prevents wraparound: then it must run to its end, and the statement that waits for it is the one to cancel.'
          : 'This panel does not signal server processes. Find out what it works for, and cancel the statement that waits for it.',
      ],
      recommended: undefined,
    };
  }
  if (root.state === null) {
    return {
      headline: `${name}; what it does is hidden from this role.`,
      lines: ['Connect with a role of pg_monitor to see it before you act.'],
      recommended: undefined,
    };
  }
  if (root.state.startsWith('idle in transaction')) {
    const age = root.stateAgeS === null ? '' : ` for ${formatDuration(root.stateAgeS)}`;
    return {
      headline: `${name}: it is ${root.state}${age}.`,
      lines: [
        'Its application has left a transaction open. Ask its owner to finish it; if nobody answers, terminate the session: cancelling does nothing, since no statement runs.',
        'Later: shorter transactions, and idle_in_transaction_session_timeout for this role.',
      ],
      recommended: { pid: root.pid, action: 'terminate', why: 'idle in transaction: a cancel would do nothing' },
    };
  }
  if (root.state === 'idle') {
    const idle = root.stateAgeS === null ? '' : ` for ${formatDuration(root.stateAgeS)}`;
    return {
      headline: `${name}: it is idle${idle} and has no transaction open.`,
      lines: [
        'It holds a lock of its session, an advisory one most likely: only pg_advisory_unlock or the end of the session frees it. Ask its owner; if nobody answers, terminate it.',
      ],
      recommended: { pid: root.pid, action: 'terminate', why: 'no statement runs that could be cancelled' },
    };
  }
  const age = root.queryAgeS === null ? '' : ` for ${formatDuration(root.queryAgeS)}`;
  return {
    headline: `${name}: it is ${root.state}, running its statement${age}.`,
    lines: [
      'If it may be repeated, cancel its query first; terminate the session only when it does not end.',
      'Later: look at its plan and its indexes, and make its transaction shorter.',
    ],
    recommended: { pid: root.pid, action: 'cancel', why: 'active: cancel first, terminate only if it stays' },
  };
}

function firstWords(query: string | null): string {
  return (query ?? '').trim().split(/\s+/).slice(0, 3).join(' ');
}
