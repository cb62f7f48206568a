import { formatCount, formatDuration } from '../../format/quantities';
import type { LockState } from '../../health/blocking';
import type { SessionsState } from '../../health/sessions';
import { applicationName } from '../action-text';
import { lockVerdict } from '../lock-contention/lock-verdict';
import type { SessionAction } from '../session-actions';
import type { Verdict } from '../verdict';
import type { BusySession, SessionGroup } from './session-groups';

/** A pool before the server as it was read last; `full`: somebody waits for a connection of it. Null: not known. */
export interface Layer {
  readonly kind: 'application' | 'pooler';
  readonly words: string;
  readonly full: boolean | null;
  /** Part of an application's pool that is lent out at this moment; null where that is not known. */
  readonly lent: number | null;
}

export interface PoolEvidence {
  readonly sessions: SessionsState;
  readonly groups: readonly SessionGroup[];
  readonly busy: readonly BusySession[];
  readonly locks: LockState;
  readonly layers: readonly Layer[];
}

export type PoolCause = 'lock' | 'leak' | 'slow-query' | 'held' | 'idle-sessions' | 'pool-size' | 'none' | 'hidden';

/** The session to end first, and how. */
export interface Recommended {
  readonly pid: number;
  readonly action: SessionAction;
  readonly why: string;
}

export interface PoolVerdict {
  readonly where: 'server' | 'pooler' | 'application' | 'nowhere';
  readonly main: Verdict<PoolCause>;
  /** What was found beside it, the next worst first. */
  readonly others: readonly Verdict<PoolCause>[];
  readonly recommended: Recommended | undefined;
}

/** A statement is slow from here on: the guide's 30 s, sooner where connections are short. In s. */
export const slowS = { guide: 30, whenFull: 5 } as const;
/** An open transaction without a statement is left behind from here on; between statements it is milliseconds. In s. */
export const leftBehindS = 5;
/** How this panel calls itself at a server. */
const panelName = 'db-ops-panel';
/** The guide warns at 80 % of the slots. */
const fullPart = 0.8;

interface Candidate {
  readonly verdict: Verdict<PoolCause>;
  /** Connections that this cause keeps from others. */
  readonly holds: number;
  readonly recommended?: Recommended | undefined;
}

/** Where it is full and why. The cause that keeps most connections comes first. */
export function poolVerdict(evidence: PoolEvidence): PoolVerdict {
  const { sessions } = evidence;
  const where = fullAt(evidence);
  const place = placeText(where, evidence);
  if (sessions.limited) {
    const lines = [
      place,
      'This role does not see what other sessions do. Connect with a role of pg_monitor; until then nothing here is proof.',
    ];
    return {
      where,
      main: { cause: 'hidden', headline: 'Why is hidden from this role.', lines },
      others: [],
      recommended: undefined,
    };
  }
  const found = [lock(evidence), leak(evidence), slow(evidence, where !== 'nowhere')]
    .filter((candidate) => candidate !== undefined)
    .sort((a, b) => b.holds - a.holds);
  const [first] = found;
  if (first) {
    const main = { ...first.verdict, lines: [place, ...first.verdict.lines] };
    return { where, main, others: found.slice(1).map(({ verdict }) => verdict), recommended: first.recommended };
  }
  return { where, main: withoutCulprit(where, place, evidence), others: [], recommended: undefined };
}

/** Where no session of the server is to blame. */
function withoutCulprit(where: PoolVerdict['where'], place: string, evidence: PoolEvidence): Verdict<PoolCause> {
  switch (where) {
    case 'nowhere':
      return calm(place, evidence.layers);
    case 'server':
      return idle(evidence, place);
    case 'pooler':
      return small(place);
    case 'application': {
      // Lent out in the application, and no statement and no transaction of anybody here.
      const working = evidence.groups
        .filter(({ application }) => application !== panelName)
        .reduce((sum, { active, inTransaction }) => sum + active + inTransaction, 0);
      // Full may also be said of one whose threads timed out a minute ago.
      const lentOut = evidence.layers.some(({ kind, lent }) => kind === 'application' && (lent ?? 0) >= fullPart);
      return working === 0 && lentOut ? held(place) : small(place, working);
    }
  }
}

/** The lowest place that is full: what is full above it is so because of it. */
function fullAt({ sessions, layers }: PoolEvidence): PoolVerdict['where'] {
  if (sessions.used >= fullPart * sessions.usable) return 'server';
  if (layers.some(({ kind, full }) => kind === 'pooler' && full === true)) return 'pooler';
  return layers.some(({ kind, full }) => kind === 'application' && full === true) ? 'application' : 'nowhere';
}

function placeText(where: PoolVerdict['where'], { sessions, layers }: PoolEvidence): string {
  const server = `${sessions.used} of ${sessions.usable} usable slots of the server`;
  switch (where) {
    case 'server':
      return `Full at the server: ${server} are taken.`;
    case 'nowhere': {
      const unknown = layers.filter(({ full }) => full === null);
      const blind =
        layers.length === 0
          ? ' No application pool and no pooler is attached to this connection, so theirs are not known.'
          : '';
      return `Nothing is full now: ${server} are taken.${blind}${unknown.length > 0 ? ' Some pools could not be read.' : ''}`;
    }
    default: {
      const full = layers
        .filter(({ kind, full: isFull }) => kind === where && isFull === true)
        .map(({ words }) => words);
      const name = where === 'pooler' ? 'the pooler' : 'the application pool';
      return `Full at ${name}: ${full.join('; ')}. The server itself has room: ${server} are taken.`;
    }
  }
}

function lock({ locks }: PoolEvidence): Candidate | undefined {
  if (locks.waiting === 0) return undefined;
  const { headline, lines, recommended } = lockVerdict(locks);
  const waiting = formatCount(locks.waiting, 'session');
  return {
    holds: locks.waiting + locks.roots.length,
    recommended,
    verdict: {
      cause: 'lock',
      headline: `A lock: ${waiting} wait for it. ${headline}`,
      lines,
      next: recommended && {
        step: 'act',
        words: `${recommended.action} session ${recommended.pid} (${recommended.why}) in the cell Act.`,
      },
    },
  };
}

function leak({ busy, groups }: PoolEvidence): Candidate | undefined {
  const left = busy.filter(
    ({ state, ageS }) => state?.startsWith('idle in transaction') === true && ageS >= leftBehindS,
  );
  const [oldest] = left;
  if (!oldest) return undefined;
  const same = left.filter(({ application, user }) => application === oldest.application && user === oldest.user);
  const group = groups.find(
    ({ application, user }) => application === (oldest.application ?? '') && user === oldest.user,
  );
  const of = group ? ` of its ${formatCount(group.total, 'session')}` : '';
  return {
    holds: left.length,
    recommended: {
      pid: oldest.pid,
      action: 'terminate',
      why: 'idle in transaction the longest: a cancel would do nothing',
    },
    verdict: {
      cause: 'leak',
      headline: `A connection leak: ${formatCount(left.length, 'session')} idle in transaction, the oldest for ${formatDuration(oldest.ageS)}.`,
      lines: [
        `${applicationName(oldest.application)} (role ${oldest.user ?? 'unknown'}) has ${same.length}${of} in this state. Its code takes a connection, begins, and does not give it back: look at what was deployed last.`,
        'A larger pool only delays the same end. Ending the sessions frees slots; a restart of the application does so until it leaks again.',
      ],
      next: {
        step: 'act',
        words: `terminate session ${oldest.pid} in the cell Act, after a word with its owner; it is run once for each session.`,
      },
    },
  };
}

function slow({ busy }: PoolEvidence, full: boolean): Candidate | undefined {
  const limit = full ? slowS.whenFull : slowS.guide;
  const running = busy.filter(({ state, ageS, waitsForLock }) => state === 'active' && !waitsForLock && ageS >= limit);
  const [oldest] = running;
  if (!oldest) return undefined;
  const texts = new Map<string, number>();
  for (const { query } of running) texts.set(shape(query), (texts.get(shape(query)) ?? 0) + 1);
  const most = Math.max(...texts.values());
  const alike = most > 1 ? `${most} of them run the same statement.` : 'They run different statements.';
  return {
    holds: running.length,
    recommended: {
      pid: oldest.pid,
      action: 'cancel',
      why: `runs for ${formatDuration(oldest.ageS)}: cancel first, terminate only if it stays`,
    },
    verdict: {
      cause: 'slow-query',
      headline: `Slow statements: ${formatCount(running.length, 'session')} at work for more than ${formatDuration(limit)}, the longest for ${formatDuration(oldest.ageS)}.`,
      lines: [
        `${running.length > 1 ? `${alike} ` : ''}The longest is of ${applicationName(oldest.application)}${oldest.waits === null ? '' : `; it waits for ${oldest.waits}`}.`,
        'See DB Ops: Open Slow Query Report for its plan and its history; was it deployed lately, or are its statistics old?',
      ],
      next: { step: 'act', words: `cancel the query of session ${oldest.pid} in the cell Act if it may be repeated.` },
    },
  };
}

function idle({ groups, sessions }: PoolEvidence, place: string): Verdict<PoolCause> {
  const largest = groups[0];
  const who =
    largest === undefined
      ? ''
      : ` The most are of ${applicationName(largest.application)}: ${largest.total}, ${largest.idle} of them idle.`;
  return {
    cause: 'idle-sessions',
    headline: `The slots are held by sessions that do nothing wrong: ${sessions.idle ?? 0} of ${sessions.used} are idle.`,
    lines: [
      `${place}${who}`,
      'The pools are too large or too many for this server. Make them smaller, or put a pooler before it; raising max_connections needs a restart.',
    ],
    next: { step: 'size', words: 'read the arithmetic in "How large may the pools be".' },
  };
}

/** The server has nothing to do with it: what holds the connections is in the application. */
function held(place: string): Verdict<PoolCause> {
  return {
    cause: 'held',
    headline: 'The application holds its connections and uses none: no session works on the server now.',
    lines: [
      place,
      'Its code keeps a connection while it waits for something else (another service, a lock of its own), or never gives it back. A thread dump and leakDetectionThreshold of HikariCP name the place; look at what was deployed last.',
      'There is nothing to end on the server, and a larger pool only delays the same end. A restart of the application helps until it happens again.',
    ],
  };
}

/** @param working sessions that work on the server, where an application says that its pool is full */
function small(place: string, working?: number): Verdict<PoolCause> {
  return {
    cause: 'pool-size',
    headline: 'No slow statement, no lock and no leak: the pool is too small for what is asked of it now.',
    lines: [
      place,
      ...(working === undefined
        ? []
        : [
            `${formatCount(working, 'session')} of all applications at work on the server now. Where the pool has lent out more than that, its code holds connections without using them: look for that before you enlarge it.`,
          ]),
      'Enlarge it for a while only if the arithmetic below allows it, and look for what asks more than before.',
    ],
    next: { step: 'size', words: 'read the arithmetic in "How large may the pools be".' },
  };
}

function calm(place: string, layers: readonly Layer[]): Verdict<PoolCause> {
  const unread = layers.some(({ full }) => full === null);
  return {
    cause: 'none',
    headline: unread ? 'No pool that could be read is exhausted now.' : 'No pool is exhausted now.',
    lines: [
      place,
      ...layers.map(({ words }) => words),
      'If it was reported a moment ago, it has passed: look at the history of the pool in the tree and at the log of the application.',
    ],
  };
}

/** Statements that differ in their literals only are the same. */
function shape(query: string | null): string {
  return (query ?? '')
    .replace(/'(?:[^']|'')*'/g, '?')
    .replace(/\b\d+(?:\.\d+)?\b/g, '?')
    .replace(/\s+/g, ' ')
    .trim();
}
