import { formatCount, formatDuration } from '../format/quantities';
import type { LockSession, LockState } from '../health/blocking';
import type { SessionAction } from './session-actions';

/** What the blocking graph means and what to do next. */
export interface LockVerdict {
  readonly headline: string;
  readonly lines: readonly string[];
  /** The session to act on first, and how; undefined when nothing needs to be done or nothing can be by a click. */
  readonly recommended: { readonly pid: number; readonly action: SessionAction; readonly why: string } | undefined;
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
  const others = state.roots.length - 1;
  const more =
    others > 0
      ? [
          `There ${others === 1 ? 'is 1 more root' : `are ${others} more roots`}: ${state.roots.slice(1).join(', ')}. Read again after each step.`,
        ]
      : [];
  const cycle = root.blockedBy.length > 0;
  const { headline, lines, recommended } = cycle ? deadlock(root) : (queuedDdl(state) ?? plainRoot(root));
  return { headline, lines: [...lines, ...more, ...caveats], recommended };
}

type Core = LockVerdict;

function deadlock(root: LockSession): Core {
  return {
    headline: `Session ${root.pid} is part of a deadlock.`,
    lines: [
      'The server ends one of the sessions by itself after deadlock_timeout. Read again in a second; look in the log for the two statements.',
    ],
    recommended: undefined,
  };
}

/** A DDL statement that waits for readers holds up everybody behind it: cancelling it frees them and harms nobody else. */
function queuedDdl(state: LockState): Core | undefined {
  const candidates = [...state.sessions.values()].filter(
    (session) => session.waits && session.blocks.length > 0 && strongLock.test(session.query ?? ''),
  );
  for (const ddl of candidates) {
    const freed = freedWithout(state, ddl.pid);
    if (freed < state.waiting - 1) continue;
    const readers = ddl.blockedBy.join(', ');
    return {
      headline: `Session ${ddl.pid} (${firstWords(ddl.query)}) queues behind ${readers} and holds up ${formatCount(freed, 'session')}.`,
      lines: [
        `The root is ${readers}, but the sessions behind wait only because a strong lock is queued in front of them. Cancelling ${ddl.pid} frees them all, and nothing that has been done is lost.`,
        "Run it again later with SET LOCAL lock_timeout = '2s' and a retry, when no long transaction is open.",
      ],
      recommended: {
        pid: ddl.pid,
        action: 'cancel',
        why: `frees ${formatCount(freed, 'session')} without touching ${readers}`,
      },
    };
  }
  return undefined;
}

/** How many waiting sessions would wait for nobody if `pid` were gone. */
function freedWithout(state: LockState, pid: number): number {
  const held = new Set<number>();
  const grow = (): boolean => {
    let grown = false;
    for (const session of state.sessions.values()) {
      if (!session.waits || session.pid === pid || held.has(session.pid)) continue;
      const stands = session.blockedBy.some(
        (blocker) => blocker !== pid && (held.has(blocker) || state.sessions.get(blocker)?.waits === false),
      );
      if (stands) {
        held.add(session.pid);
        grown = true;
      }
    }
    return grown;
  };
  while (grow());
  return [...state.sessions.values()].filter(
    (session) => session.waits && session.pid !== pid && !held.has(session.pid),
  ).length;
}

function plainRoot(root: LockSession): Core {
  const held = formatCount(root.holdsUp, 'session');
  if (root.pid === 0) {
    const names = root.preparedTransactions?.map((name) => `"${name}"`).join(', ') ?? '';
    return {
      headline: `A prepared transaction holds up ${held}.`,
      lines: [
        `Prepared transactions in this server: ${names}. It has no session: its transaction manager must finish it, or its owner runs ROLLBACK PREPARED with its name after making sure that it is abandoned.`,
      ],
      recommended: undefined,
    };
  }
  const who = `${root.application === null || root.application === '' ? 'no application name' : root.application}, role ${root.user ?? 'hidden'}, ${root.clientAddress ?? 'local'}`;
  const name = `Session ${root.pid} (${who}) holds up ${held}`;
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
