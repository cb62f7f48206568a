import { formatPercent } from '../../format/numbers';
import { formatCount } from '../../format/quantities';
import type { SessionsState } from '../../health/sessions';
import type { Finding, SignalOutcome } from '../../health/signal';
import { defaultThresholds } from '../../health/thresholds';
import type { Measure } from '../measures';
import type { Verdict } from '../verdict';
import { cacheHitOf, type Capacity, type TooSmall } from './capacity';
import { isFit, type Follower } from './replay-delay';

export interface ScalingEvidence {
  readonly sessions: SessionsState;
  readonly capacity: Capacity;
  readonly major: number;
  readonly followers: readonly Follower[];
  readonly tooSmall: readonly TooSmall[];
  /** What the monitor knows of size and growth: the checks that call for this runbook. */
  readonly signals: readonly SignalOutcome[];
  /** The most slots in use that history knows, as a part of the usable ones; null: it knows none. */
  readonly peak: { readonly part: number; readonly days: number } | null;
}

export type ScalingCause =
  | 'standby-too-small'
  | 'leak'
  | 'idle-sessions'
  | 'connections'
  | 'pools'
  | 'disk'
  | 'sequence'
  | 'memory'
  | 'work-mem'
  | 'checkpoints'
  | 'lag'
  | 'peak'
  | 'none';

/** The guide's limit of slots in use. */
const fullPart = defaultThresholds.sessionsUsed.warning;
/** The guide's lag of a replica that is fit to serve reads, in ms. */
export const fitMs = 100;
/** Field: below it shared buffers are too small, or a statement reads what it should not. */
export const fewestHits = 0.98;

/** The checks that call for this runbook, by what they mean for it. */
const causeOfCheck: Readonly<Record<string, ScalingCause>> = {
  'hikari-sizing': 'pools',
  disk: 'disk',
  size: 'disk',
  'prometheus-size': 'disk',
  'database-sizes': 'disk',
  'table-growth': 'disk',
  sequences: 'sequence',
  'cache-hit': 'memory',
  'temp-files': 'work-mem',
  checkpoints: 'checkpoints',
};

/** What asks for more of what. What SQL cannot tell (CPU, memory of the machine, the disk's queue) is no "no". */
export function scalingVerdict(evidence: ScalingEvidence): {
  readonly main: Verdict<ScalingCause>;
  readonly others: readonly Verdict<ScalingCause>[];
} {
  const told = findings(evidence.signals);
  const found = [
    ...tooSmall(evidence),
    ...told.filter(({ severity }) => severity === 'critical').map(ofFinding),
    ...full(evidence),
    ...told.filter(({ severity }) => severity === 'warning').map(ofFinding),
    ...lagging(evidence),
    ...missesCache(evidence),
    ...peak(evidence),
  ];
  const [main, ...others] = found;
  return main ? { main, others } : { main: nothing(evidence), others: [] };
}

type Told = Pick<Finding, 'severity' | 'words' | 'lines' | 'change'> & { readonly cause: ScalingCause };

/** Current ones that are wrong; each cause once for the worst of it. */
function findings(signals: readonly SignalOutcome[]): readonly Told[] {
  return signals
    .filter(({ problem }) => problem === null)
    .flatMap(({ about, findings: all }) =>
      all
        .filter(({ severity }) => severity === 'critical' || severity === 'warning')
        .map(({ severity, words, lines, change }): Told => ({
          severity,
          words,
          lines,
          ...(change === undefined ? {} : { change }),
          cause: causeOfCheck[about.id] ?? 'disk',
        })),
    );
}

const adviceOf: Partial<Readonly<Record<ScalingCause, { readonly step: string; readonly words: string }>>> = {
  pools: { step: 'connections', words: 'Make the pools smaller, or the server larger; see the sizes below.' },
  disk: {
    step: 'measured',
    words: 'Find what grows (Bloat report, table sizes), or enlarge the disk before it is full.',
  },
  sequence: {
    step: 'measured',
    words:
      'Make the column and its sequence bigint by a migration: a larger machine does not help. Lint shows its locks.',
  },
  memory: { step: 'memory', words: 'Look first which statement reads so much (Slow Queries), then at shared_buffers.' },
  'work-mem': { step: 'memory', words: 'Give the role that sorts so much more work_mem, not everybody.' },
  checkpoints: { step: 'memory', words: 'Raise max_wal_size, so that checkpoints come by time; a reload is enough.' },
};

function ofFinding({ cause, words, lines, change }: Told): Verdict<ScalingCause> {
  return {
    cause,
    headline: words,
    lines: [...lines, ...(change === undefined ? [] : [`The change: ${change}`])],
    next: adviceOf[cause],
  };
}

function tooSmall({ tooSmall: all, major }: ScalingEvidence): readonly Verdict<ScalingCause>[] {
  const [first] = all;
  if (!first) return [];
  return [
    {
      cause: 'standby-too-small',
      headline: `${first.connection} has ${first.setting} = ${first.here}, its primary ${first.primary}`,
      lines: [
        major >= 14
          ? 'A standby must have at least as much: its replay PAUSES where the primary was raised alone. Resumed, it shuts down.'
          : 'A standby must have at least as much: it shuts down where the primary was raised alone.',
        ...all
          .slice(1)
          .map(({ connection, setting, here, primary }) => `${connection}: ${setting} ${here}, primary ${primary}.`),
      ],
      next: {
        step: 'connections',
        words: `Raise ${first.setting} of ${first.connection} to ${first.primary} and restart it.`,
      },
    },
  ];
}

/** A server that is full for a reason that no larger one heals is not to be scaled. */
function full({ sessions }: ScalingEvidence): readonly Verdict<ScalingCause>[] {
  const { used, usable, active, idle, idleInTransaction, idleInTransactionAborted, lockWaiters } = sessions;
  if (usable <= 0 || used < fullPart * usable) return [];
  const headline = `${used} of ${usable} usable slots are taken (${formatPercent((100 * used) / usable)})`;
  const first = 'Open the Pool Exhaustion runbook first: it finds who holds them.';
  const left = (idleInTransaction ?? 0) + (idleInTransactionAborted ?? 0);
  if (left >= 0.25 * used || (lockWaiters ?? 0) >= 0.25 * used)
    return [
      {
        cause: 'leak',
        headline: `${headline}, and that is no matter of size`,
        lines: [
          `${left} idle in transaction, ${lockWaiters ?? 0} waiting for a lock. A larger server would fill up too.`,
        ],
        next: { step: 'measured', words: first },
      },
    ];
  if (idle !== null && idle >= 0.5 * used)
    return [
      {
        cause: 'idle-sessions',
        headline: `${headline}, ${idle} of them idle`,
        lines: [
          'Pools hold more connections than are at work. Smaller pools, or a pooler in transaction mode, free the slots without a restart.',
        ],
        next: { step: 'connections', words: 'Make the pools smaller; see the sizes below.' },
      },
    ];
  return [
    {
      cause: 'connections',
      headline,
      lines: [
        active === null
          ? 'What they do is hidden from this role: grant it pg_monitor before anything is changed.'
          : `${active} are at work. More slots help only where the CPU has room, which SQL does not tell: on a busy CPU each gets slower.`,
      ],
      next: { step: 'connections', words: 'Route reads to a replica, or raise max_connections, the standbys first.' },
    },
  ];
}

function lagging({ followers }: ScalingEvidence): readonly Verdict<ScalingCause>[] {
  const late = standbysOf(followers).filter(({ delayMs }) => delayMs === 'longer');
  if (late.length === 0) return [];
  return [
    {
      cause: 'lag',
      headline: `${late.map(({ name }) => name).join(', ')} had not replayed after a second what the primary had`,
      lines: [
        'The guide adds replicas where lag grows with load. Replay is one process: a further replica takes reads off it, and does not replay faster.',
      ],
      next: { step: 'measured', words: 'Open the Replication Lag runbook: it names the stage that is slow.' },
    },
  ];
}

/** The number of the last minutes, which the monitor has, counts before that of all the time. */
function missesCache({ capacity, signals }: ScalingEvidence): readonly Verdict<ScalingCause>[] {
  const known = signals.some(({ about, problem, at }) => about.id === 'cache-hit' && problem === null && at !== null);
  if (known) return [];
  const hit = cacheHitOf(capacity);
  if (hit === null || hit >= fewestHits) return [];
  return [
    {
      cause: 'memory',
      headline: `${formatPercent(100 * hit)} of blocks were found in shared buffers since the counters began`,
      lines: ['Over so long a time backups and loads count too: look at the number of the last minutes in the tree.'],
      next: adviceOf.memory,
    },
  ];
}

function peak({ peak: highest, sessions }: ScalingEvidence): readonly Verdict<ScalingCause>[] {
  if (highest === null || highest.part < fullPart || sessions.used >= fullPart * sessions.usable) return [];
  return [
    {
      cause: 'peak',
      headline: `At its peak ${formatPercent(100 * highest.part)} of the usable slots were taken, within ${formatCount(highest.days, 'day')}`,
      lines: [
        'Now there is room. What comes every day at the same time is load; what came once may have been an incident.',
      ],
      next: { step: 'connections', words: 'Compare the sizes of the pools with the rule.' },
    },
  ];
}

function nothing({ signals }: ScalingEvidence): Verdict<ScalingCause> {
  const unread = signals.filter(({ problem, absent }) => problem !== null && absent === null).length;
  return {
    cause: 'none',
    headline: 'Nothing that SQL can tell asks for a larger server or a further replica',
    lines: [
      'CPU, memory of the machine, the queue of its disk and the latency of reads are NOT measured here, and the guide decides by them: look at them before you say no.',
      ...(signals.length === 0 ? ['The checks of size and growth are not known: the server is not watched.'] : []),
      ...(unread > 0 ? [`${unread} of its checks are not current.`] : []),
    ],
  };
}

/** Those that replay; a role without pg_monitor is not told which do. */
export function standbysOf(followers: readonly Follower[]): readonly Follower[] {
  return followers.filter(({ kind }) => kind === 'standby');
}

/** The numbers that must get better, or must be good before a new replica serves reads. */
export function scalingMeasures(evidence: ScalingEvidence): readonly Measure[] {
  const { sessions, capacity, followers, tooSmall: small } = evidence;
  const standbys = standbysOf(followers);
  const slow = standbys.filter((one) => isFit(one, fitMs) === false);
  const hidden = followers.some(({ kind }) => kind === 'hidden') || standbys.some((one) => isFit(one, fitMs) === null);
  const known = evidence.signals.filter(({ problem, at }) => problem === null && at !== null);
  const wrong = findings(evidence.signals);
  return [
    {
      name: 'Usable slots in use',
      shown: `${sessions.used} of ${sessions.usable}`,
      good: sessions.used < fullPart * sessions.usable,
    },
    {
      name: `Standbys slower than ${fitMs} ms`,
      shown:
        standbys.length === 0 && !hidden
          ? 'no standby'
          : hidden && slow.length === 0
            ? null
            : `${slow.length} of ${standbys.length}`,
      good: slow.length > 0 ? false : hidden ? null : true,
    },
    { name: 'Settings of standbys below those of the primary', shown: String(small.length), good: small.length === 0 },
    {
      name: 'Settings that wait for a restart',
      shown: capacity.pendingRestart.length === 0 ? 'none' : capacity.pendingRestart.join(', '),
      good: capacity.pendingRestart.length === 0,
    },
    {
      name: 'Warnings of size and growth',
      shown: known.length === 0 ? null : String(wrong.length),
      good: known.length === 0 ? null : wrong.length === 0,
    },
  ];
}
