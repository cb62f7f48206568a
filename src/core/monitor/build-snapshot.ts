import { evaluateLocks } from '../health/blocking-evaluation';
import type { Evaluation } from '../health/evaluation';
import { evaluateReplication } from '../health/replication-evaluation';
import { evaluateSessions } from '../health/sessions';
import { worst } from '../health/severity';
import { signalGroups, type SignalGroup, type SignalOutcome } from '../health/signal';
import { databaseSizeIntervalMs, evaluateSize } from '../health/size';
import type { Reading, Status } from '../health/status';
import type { DatabaseErrorReason } from '../ports/database-error';
import type { Capabilities } from '../ports/session';
import type { AttachedSignals } from './attached-signals';
import { groupSignal } from './group-signal';
import type { MonitorSettings } from './monitor-settings';
import type { Readings } from './readings';
import type { ServerSnapshot, ShownSignal, Signal } from './snapshot';

/** What a watch is doing, apart from its readings. */
export type Phase =
  | { readonly kind: 'off'; readonly byPerson: boolean }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'online' }
  | {
      readonly kind: 'unreachable';
      readonly reason: DatabaseErrorReason | undefined;
      readonly message: string;
      readonly remedy: string | undefined;
    };

/** A reading is stale when two polls should have come since, with a second to spare. In ms. */
export function staleAfter(intervalMs: number): number {
  return 2 * intervalMs + 1000;
}

/** Joins the phase and the readings into what a person sees, as of `now` (ms). */
export function buildSnapshot(
  connectionId: string,
  phase: Phase,
  readings: Readings,
  capabilities: Capabilities | undefined,
  settings: MonitorSettings,
  now: number,
  attached: readonly AttachedSignals[] = [],
): ServerSnapshot {
  const limit = staleAfter(settings.intervalMs);
  const thresholds = settings.thresholds(connectionId);
  const sessions = signal(readings.sessions.reading(now, limit), (state) => evaluateSessions(state, thresholds));
  const replication = signal(readings.replication.reading(now, limit), (state) =>
    evaluateReplication(state, now, thresholds),
  );
  const locks = signal(readings.locks.reading(now, limit), (state) => evaluateLocks(state, thresholds));
  const size = signal(
    readings.size.reading(now, staleAfter(Math.max(databaseSizeIntervalMs, settings.intervalMs))),
    evaluateSize,
  );
  const role = replication.reading.kind === 'value' ? replication.reading.value.role : null;
  const limited = capabilities !== undefined && !capabilities.seesAllSessions;
  const chain = attached.flatMap((source) => source.chain(connectionId));
  const checks = readings.signals.map((one) => shownSignal(one, readings.lostAt, settings.intervalMs, now));
  const known: ServerSnapshot = {
    connectionId,
    watched: phase.kind !== 'off',
    status: 'unknown',
    statusReason: '',
    ...(phase.kind === 'unreachable' && phase.remedy !== undefined ? { remedy: phase.remedy } : {}),
    ...(phase.kind === 'unreachable' && phase.reason !== undefined ? { failure: phase.reason } : {}),
    role:
      role ??
      (phase.kind === 'off' || capabilities === undefined ? null : capabilities.inRecovery ? 'standby' : 'primary'),
    version: capabilities?.version ?? null,
    latencyMs: phase.kind === 'online' ? readings.latencyMs : null,
    lastSeen: readings.sessions.lastAt ?? null,
    limited,
    thresholds,
    sessions,
    replication,
    locks,
    size,
    signals: [
      ...checks,
      // What others say of the server does not age with its session.
      ...attached
        .flatMap((source) => source.outcomes(connectionId, sessions.reading, checks))
        .map((outcome) => shownSignal(outcome, undefined, settings.intervalMs, now)),
    ],
    ...(chain.length > 0 ? { chain } : {}),
  };
  return { ...known, ...overall(phase, known) };
}

/** A check is stale when two of its readings should have come since, or when its session was lost. */
function shownSignal(outcome: SignalOutcome, lostAt: number | undefined, intervalMs: number, now: number): ShownSignal {
  const { at, about } = outcome;
  const limit = staleAfter(Math.max(about.tierMs, intervalMs));
  const stale = at !== null && (now - at > limit || at > now + limit || (lostAt !== undefined && at <= lostAt));
  return { ...outcome, stale };
}

function overall(phase: Phase, snapshot: ServerSnapshot): { status: Status; statusReason: string } {
  switch (phase.kind) {
    case 'off':
      return { status: 'unknown', statusReason: phase.byPerson ? 'Disconnected on request.' : 'Not connected yet.' };
    case 'unreachable':
      return { status: 'unreachable', statusReason: phase.message };
    case 'connecting':
      return { status: 'connecting', statusReason: 'Connecting…' };
    case 'online':
  }
  const { sessions, replication, locks, limited } = snapshot;
  const activity = [sessions, replication, locks].map(({ reading }) => reading);
  if (activity.some((reading) => reading.kind === 'pending'))
    return { status: 'connecting', statusReason: 'Reading for the first time…' };
  if (activity.some((reading) => reading.kind === 'value' && reading.stale)) {
    return { status: 'stale', statusReason: 'The last reading is older than it should be.' };
  }
  const named = signalGroups.map((group) => [group, groupSignal(snapshot, group)] as const);
  const severity = worst(
    ...named.filter(([, { reading }]) => reading.kind !== 'pending').map(([, { evaluation }]) => evaluation.severity),
  );
  const culprits = named
    .filter(([, { evaluation }]) => evaluation.severity === severity)
    .map(([group, { evaluation }]) => `${groupTitles[group]}: ${evaluation.summary}`);
  if (severity === 'critical' || severity === 'warning') return { status: severity, statusReason: culprits.join('; ') };
  if (limited)
    return {
      status: 'limited',
      statusReason: 'Limited view: this role does not see other sessions. Grant pg_monitor.',
    };
  if (severity === 'unknown') return { status: 'unknown', statusReason: culprits.join('; ') };
  return { status: 'ok', statusReason: 'All readings are within their thresholds.' };
}

export const groupTitles: Readonly<Record<SignalGroup, string>> = {
  pool: 'Pool',
  replication: 'Replication',
  locks: 'Locks',
  queries: 'Queries',
  size: 'Size',
  maintenance: 'Maintenance',
  migrations: 'Migrations',
  backups: 'Backups',
};

function signal<T>(reading: Reading<T>, evaluate: (value: T) => Evaluation): Signal<T> {
  switch (reading.kind) {
    case 'value': {
      const evaluation = evaluate(reading.value);
      return { reading, evaluation: reading.stale ? { ...evaluation, severity: 'unknown' } : evaluation };
    }
    case 'pending':
      return { reading, evaluation: { severity: 'unknown', summary: 'not read yet', lines: [] } };
    case 'denied':
      return { reading, evaluation: { severity: 'unknown', summary: 'not permitted', lines: [reading.message] } };
    case 'skipped':
      return { reading, evaluation: { severity: 'unknown', summary: 'skipped, locked', lines: [reading.message] } };
    case 'failed': {
      // What was last known, in its own words; the view adds its age and never draws it as current.
      const last = reading.last ? evaluate(reading.last.value) : undefined;
      return {
        reading,
        evaluation: {
          severity: 'unknown',
          summary: last?.summary ?? 'not readable',
          lines: [reading.message, ...(last?.lines ?? [])],
        },
      };
    }
  }
}

/** The snapshot of a connection that nobody watches and that may not exist any more. */
export function notWatched(connectionId: string): ServerSnapshot {
  const nothing = signal<never>({ kind: 'pending' }, () => ({ severity: 'unknown', summary: '', lines: [] }));
  return {
    connectionId,
    watched: false,
    status: 'unknown',
    statusReason: 'This connection was removed.',
    role: null,
    version: null,
    latencyMs: null,
    lastSeen: null,
    limited: false,
    sessions: nothing,
    replication: nothing,
    locks: nothing,
    size: nothing,
    signals: [],
  };
}
