import { longestWait } from '../health/blocking-evaluation';
import type { Finding, Threshold, Unit } from '../health/signal';
import { measured } from '../health/finding';
import { defaultThresholds, type Levels, type Thresholds } from '../health/thresholds';
import type { Reading, Status } from '../health/status';
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
  return [availability(snapshot), ...activity(snapshot, thresholds), ...replication(snapshot, thresholds), ...checks];
}

function availability({ status, statusReason, watched, latencyMs }: ServerSnapshot): Finding {
  const up = status !== 'unreachable';
  // An old answer is none: of a server that hangs it is not known whether it is up.
  const answered = watched && latencyMs !== null && !isOld(status);
  return {
    ...measured('server.up', '', watched && !up ? 0 : answered ? 1 : null, 'count', null, {
      words: up ? 'the server answers' : statusReason,
    }),
    severity: watched && !up ? 'critical' : 'ok',
  };
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
      'longest idle in transaction',
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
          graded(
            'receiver.lag-bytes',
            state.receiver.applyBytes,
            'bytes',
            thresholds.receiverLagBytes,
            'received and not replayed',
          ),
          graded(
            'receiver.lag-seconds',
            state.receiver.lagSeconds,
            's',
            thresholds.receiverLagS,
            'age of what is not replayed',
          ),
        ]
      : [];
  return [
    ...receiver,
    ...state.standbys.flatMap((standby) => {
      const gone = standby.state === 'disconnected';
      return [
        measured('standby.connected', standby.key, standby.state === 'unknown' ? null : Number(!gone), 'count', null, {
          severity: gone ? 'critical' : 'ok',
          words: gone ? `standby ${standby.name} DISCONNECTED` : `standby ${standby.name}`,
        }),
        graded(
          'standby.lag-bytes',
          standby.totalBytes,
          'bytes',
          thresholds.lagBytes,
          `${standby.name} behind`,
          standby.key,
        ),
        // Only what is certain is graded; the estimate may cover a whole interval.
        graded(
          'standby.lag-seconds',
          standby.lagAtLeastSeconds ?? standby.lagSeconds,
          's',
          thresholds.lagS,
          `${standby.name} behind`,
          standby.key,
        ),
      ];
    }),
  ];
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
