import { formatBytes, formatDuration } from '../format/quantities';
import { longestWait } from '../health/blocking-evaluation';
import type { Finding, Threshold, Unit } from '../health/signal';
import { measured, stated } from '../health/finding';
import type { ReceiverState } from '../health/replication';
import { defaultThresholds, type Levels, type Thresholds } from '../health/thresholds';
import type { Reading, Status } from '../health/status';
import type { DatabaseErrorReason } from '../ports/database-error';
import type { ServerSnapshot } from './snapshot';

/**
 * Every number of a server that history keeps and alerts follow: what is polled, and what its checks found. What is not
 * current has the value null: a server that is away is not idle. A finding that was there and is there no more has
 * cleared, as long as its check was read (`SignalOutcome.problem` is null).
 */
export function findingsOf(snapshot: ServerSnapshot, thresholds: Thresholds = defaultThresholds): readonly Finding[] {
  const checks = snapshot.signals
    .filter(({ stale, problem }) => !stale && problem === null)
    .flatMap(({ findings }) => findings.filter(({ detail }) => detail !== true));
  return [
    ...availability(snapshot),
    ...activity(snapshot, thresholds),
    ...replication(snapshot, thresholds),
    ...checks,
  ];
}

/** The server itself said no: it is up, and nobody is to fail over for it. */
const refusals: ReadonlySet<DatabaseErrorReason> = new Set([
  'too-many-connections',
  'password-wrong',
  'role-missing',
  'database-missing',
  'no-pg-hba-entry',
  'permission-denied',
]);
/** Nobody was asked, or nobody that can be trusted: whether the server is up is not known by it. */
const notAsked: ReadonlySet<DatabaseErrorReason> = new Set([
  'bad-connection-string',
  'unknown-service',
  'password-missing',
  'tls-not-supported',
  'tls-untrusted',
  'tls-hostname',
  'tls-failed',
]);

function availability({ status, statusReason, watched, latencyMs, failure }: ServerSnapshot): Finding[] {
  const away = watched && status === 'unreachable';
  const refused = away && failure !== undefined && refusals.has(failure);
  const unasked = away && failure !== undefined && notAsked.has(failure);
  const down = away && !refused && !unasked;
  // An old answer is none: of a server that hangs it is not known whether it is up.
  const answered = refused || (watched && !away && latencyMs !== null && !isOld(status));
  const words = statusReason.replace(/\.$/, '');
  const up = {
    ...measured('server.up', '', down ? 0 : answered ? 1 : null, 'count', null, {
      words: down ? words : 'the server answers',
    }),
    severity: down ? ('critical' as const) : ('ok' as const),
  };
  if (refused || unasked) {
    // Without a free slot the applications are refused too.
    const severity = failure === 'too-many-connections' ? 'critical' : 'warning';
    return [up, stated('server.login', '', severity, { words })];
  }
  return answered ? [up] : [up, { ...stated('server.login', '', 'unknown', { words: 'login' }), value: null }];
}

function isOld(status: Status): boolean {
  return status === 'stale' || status === 'connecting';
}

function activity(snapshot: ServerSnapshot, thresholds: Thresholds): Finding[] {
  const sessions = current(snapshot.sessions.reading);
  const locks = current(snapshot.locks.reading);
  const size = current(snapshot.size.reading);
  const plain = (signal: string, value: number | null, unit: Unit, words: string): Finding =>
    measured(signal, '', value, unit, null, { words });
  const open = sessions ? (sessions.idleInTransaction ?? 0) + (sessions.idleInTransactionAborted ?? 0) : 0;
  // None idle in transaction is a fact under a full view: the age is 0 then, and not unknown.
  const oldest = sessions && !sessions.limited && open === 0 ? 0 : (sessions?.oldestIdleInTransactionS ?? null);
  const wait = locks ? longestWait(locks) : null;
  return [
    plain('server.latency', isOld(snapshot.status) ? null : snapshot.latencyMs, 'ms', 'round trip'),
    graded(
      'sessions.used',
      sessions && sessions.usable > 0 ? sessions.used / sessions.usable : null,
      'ratio',
      thresholds.sessionsUsed,
      snapshot.sessions.evaluation.summary,
    ),
    plain('sessions.count', sessions?.used ?? null, 'count', 'sessions'),
    plain('sessions.active', sessions?.active ?? null, 'count', 'active sessions'),
    plain('sessions.idle-in-transaction', sessions && !sessions.limited ? open : null, 'count', 'idle in transaction'),
    graded(
      'sessions.oldest-idle-in-transaction',
      oldest,
      's',
      thresholds.idleInTransactionS,
      oldest === null ? 'longest idle in transaction' : `idle in transaction for up to ${formatDuration(oldest)}`,
    ),
    plain('locks.waiting', locks?.waiting ?? null, 'count', 'sessions that wait for a lock'),
    graded('locks.longest-wait', wait, 's', thresholds.lockWaitS, snapshot.locks.evaluation.summary),
    plain('size.database', size?.databaseBytes ?? null, 'bytes', 'size of the database'),
  ];
}

function replication({ replication: { reading } }: ServerSnapshot, thresholds: Thresholds): Finding[] {
  const state = current(reading);
  if (!state) return [];
  const receiver: Finding[] =
    state.role === 'standby'
      ? [
          measured(
            'receiver.connected',
            '',
            state.receiver.connected === null ? null : Number(state.receiver.connected),
            'count',
            null,
            {
              severity: state.receiver.connected === false && state.receiver.archiveOnly !== true ? 'critical' : 'ok',
              words: state.receiver.connected === false ? 'WAL receiver DISCONNECTED' : 'WAL receiver',
            },
          ),
          ...receiverLag(state.receiver, thresholds),
        ]
      : [];
  return [
    ...receiver,
    ...state.standbys.flatMap((standby) => {
      const gone = standby.state === 'disconnected';
      const nameless = standby.state === 'unknown' && standby.slotName === null;
      return [
        // A role that is told nothing else sees whose slot is served, which is that its standby is there.
        measured('standby.connected', standby.key, nameless ? null : Number(!gone), 'count', null, {
          severity: gone ? 'critical' : 'ok',
          words: gone ? `standby ${standby.name} DISCONNECTED` : `standby ${standby.name}`,
        }),
        graded(
          'standby.lag-bytes',
          standby.totalBytes,
          'bytes',
          thresholds.lagBytes,
          behind(standby.name, standby.totalBytes, formatBytes),
          standby.key,
        ),
        // Only what is certain is graded; the estimate may cover a whole interval.
        graded(
          'standby.lag-seconds',
          standby.lagAtLeastSeconds ?? standby.lagSeconds,
          's',
          thresholds.lagS,
          behind(standby.name, standby.lagSeconds ?? standby.lagAtLeastSeconds ?? null, formatDuration),
          standby.key,
        ),
      ];
    }),
  ];
}

/** What a standby says of itself: all that it knows it lacks, and for how long at least, as the tree grades them. */
function receiverLag(receiver: ReceiverState, thresholds: Thresholds): Finding[] {
  const { applyBytes, pendingBytes, lagSeconds, lagAtLeastSeconds, pauseState } = receiver;
  const bytes = applyBytes === null ? null : applyBytes + (pendingBytes ?? 0);
  const seconds = bytes === 0 ? 0 : (lagAtLeastSeconds ?? lagSeconds);
  const paused = pauseState === 'paused' || pauseState === 'pause requested';
  return [
    graded(
      'receiver.lag-bytes',
      bytes,
      'bytes',
      thresholds.receiverLagBytes,
      behind('this standby', bytes, formatBytes),
    ),
    graded(
      'receiver.lag-seconds',
      seconds,
      's',
      thresholds.receiverLagS,
      behind('this standby', bytes === 0 ? 0 : (lagSeconds ?? seconds), formatDuration),
    ),
    measured('receiver.paused', '', pauseState === null ? null : Number(paused), 'count', null, {
      severity: paused ? 'warning' : 'ok',
      words: paused ? `replay ${pauseState}: reads here grow older` : 'replay is not paused',
    }),
  ];
}

function behind(name: string, value: number | null, format: (value: number) => string): string {
  if (value === null) return `${name} behind by an unknown amount`;
  return value === 0 ? `${name} up to date` : `${name} behind by ${format(value)}`;
}

function current<T>(reading: Reading<T>): T | null {
  return reading.kind === 'value' && !reading.stale ? reading.value : null;
}

/** Unknown grades as unknown, which raises no alert and clears none. */
function graded(
  signal: string,
  value: number | null,
  unit: Unit,
  levels: Levels,
  words: string,
  subject = '',
): Finding {
  const threshold: Threshold = { ...levels, direction: 'above' };
  return measured(signal, subject, value, unit, threshold, { words });
}
