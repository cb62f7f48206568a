import type { DiskState } from '../health/disk';
import { buildInfo, identityLabels, type FleetLabels } from './fleet-queries';
import type { InstantVector, VectorSample } from './instant-vector';
import type { FleetMetric, MetricMapping } from './metric-mapping';

/**
 * `up` and `down` are the exporter's word about its server. `stale`: the last sample is too old to say. `gone`: it was
 * reported not long ago and is no more (the exporter or the target is away).
 */
export type FleetState = 'up' | 'down' | 'stale' | 'gone';

/** One server as Prometheus knows it. Every number is null unless the server is up and its exporter could read it. */
export interface FleetServer {
  /** Values of the identity labels. */
  readonly key: string;
  readonly instance: string;
  readonly group: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly state: FleetState;
  /** Seconds since the last sample, by Prometheus' clock alone; null when it is gone. */
  readonly ageS: number | null;
  /** The exporter could not read everything. */
  readonly incomplete: boolean;
  readonly role: 'primary' | 'standby' | null;
  /** Of a standby; null on a primary, and where 0 may mean either. */
  readonly lagS: number | null;
  /** Measured as "now less the last replay", which grows while the primary is idle: the lag is at most this. */
  readonly lagIsUpperBound: boolean;
  /** Of the slowest standby, as its primary sees it. */
  readonly lagBytes: number | null;
  readonly sessions: number | null;
  readonly sessionsByState: ReadonlyMap<string, number>;
  /** max_connections less the reserved ones. */
  readonly usable: number | null;
  readonly longestTransactionS: number | null;
  readonly databaseBytes: number | null;
  /** In the last `deadlockWindow`; an estimate, as Prometheus extrapolates. */
  readonly deadlocks: number | null;
  readonly statementsMeanS: number | null;
  readonly statementsMaxS: number | null;
}

/** All servers of one Prometheus at one moment. */
export interface FleetReading {
  readonly servers: readonly FleetServer[];
  /** By the connection's id, for those that the settings tie to a file system. */
  readonly disks: ReadonlyMap<string, DiskState>;
  /** What Prometheus says about its own answers. */
  readonly warnings: readonly string[];
}

/** The answers to the queries of a round. */
export type FleetAnswers = Readonly<
  Record<'known' | 'times' | 'gauges' | 'states' | 'sums' | 'deadlocks', InstantVector>
>;

/** Older samples are stale. Two of the usual scrapes and a half; Prometheus itself would go on for 300 s. In s. */
export const defaultStaleS = 150;

/** What 0.11 and 0.12 call the lag in their queries.yaml. */
const naiveLag = 'pg_replication_lag';
/** From 0.13 on; 0.14 mended what it says while the primary is idle. */
const lagOfCollector = 'pg_replication_lag_seconds';

/** Joins a round's answers. What an exporter still serves when its server is down is not a measurement and is left out. */
export function buildFleet(
  answers: FleetAnswers,
  mapping: MetricMapping,
  labels: FleetLabels,
  staleS = defaultStaleS,
): readonly FleetServer[] {
  const names = identityLabels(labels);
  const keyOf = (sample: VectorSample): string => names.map((name) => sample.labels.get(name) ?? '').join('\u0000');
  const times = new Map(answers.times.samples.map((sample) => [keyOf(sample), sample]));
  const gauges = byKey(answers.gauges, keyOf);
  const states = byKey(answers.states, keyOf);
  const sums = byKey(answers.sums, keyOf);
  const deadlocks = new Map(answers.deadlocks.samples.map((sample) => [keyOf(sample), sample.value]));
  const servers = new Map<string, FleetServer>();
  for (const known of answers.known.samples) {
    const key = keyOf(known);
    const time = times.get(key);
    const state = stateOf(known, time, staleS);
    const up = state === 'up';
    const gauge = (metric: FleetMetric): number | null => (up ? first(gauges.get(key), mapping[metric]) : null);
    const isReplica = gauge('replica');
    const lagS = gauge('lagSeconds');
    const activity = up ? sessionsOf(states.get(key), mapping.sessions) : undefined;
    const server: FleetServer = {
      key: key.replaceAll('\u0000', ' '),
      instance: known.labels.get('instance') ?? key.replaceAll('\u0000', ' '),
      group: labels.group === '' ? '' : (known.labels.get(labels.group) ?? ''),
      labels: known.labels,
      state,
      ageS: time ? Math.max(0, time.atS - time.value) : null,
      incomplete: gauge('scrapeError') === 1,
      role: isReplica === null ? null : isReplica === 1 ? 'standby' : 'primary',
      // Exporters say 0 on a primary, which is no lag but the lack of one.
      lagS: isReplica === 0 || (isReplica === null && lagS === 0) ? null : lagS,
      lagIsUpperBound: lagS !== null && up && isNaive(gauges.get(key), mapping),
      lagBytes: gauge('lagBytes'),
      sessions: activity?.total ?? null,
      sessionsByState: activity?.byState ?? new Map(),
      usable: usableOf(gauge('maxConnections'), up ? gauges.get(key) : undefined, mapping),
      longestTransactionS: gauge('longestTransactionS'),
      databaseBytes: up ? first(sums.get(key), mapping.databaseBytes) : null,
      deadlocks: up ? sane(deadlocks.get(key)) : null,
      statementsMeanS: gauge('statementsMeanS'),
      statementsMaxS: gauge('statementsMaxS'),
    };
    // Two names of one thing: the one that is reported now.
    if (!servers.has(key) || state !== 'gone') servers.set(key, server);
  }
  return [...servers.values()].sort((a, b) => a.group.localeCompare(b.group) || a.key.localeCompare(b.key));
}

/** Whether the lag that is told is "now less the last replay": by its name, or by the exporter's version. */
function isNaive(series: Series | undefined, mapping: MetricMapping): boolean {
  const told = mapping.lagSeconds.find((name) => series?.has(name));
  const version = series?.get(buildInfo)?.[0]?.labels.get('version');
  return told === naiveLag || (told === lagOfCollector && version?.startsWith('0.13.') === true);
}

function stateOf(known: VectorSample, time: VectorSample | undefined, staleS: number): FleetState {
  if (!time) return 'gone';
  if (!(time.atS - time.value <= staleS)) return 'stale';
  return known.value === 1 ? 'up' : 'down';
}

type Series = ReadonlyMap<string, readonly VectorSample[]>;

/** By instance, then by name. */
function byKey({ samples }: InstantVector, keyOf: (sample: VectorSample) => string): ReadonlyMap<string, Series> {
  const result = new Map<string, Map<string, VectorSample[]>>();
  for (const sample of samples) {
    const key = keyOf(sample);
    const series = result.get(key) ?? new Map<string, VectorSample[]>();
    result.set(key, series);
    series.set(sample.name, [...(series.get(sample.name) ?? []), sample]);
  }
  return result;
}

function first(series: Series | undefined, names: readonly string[]): number | null {
  for (const name of names) {
    const value = sane(series?.get(name)?.[0]?.value);
    if (value !== null) return value;
  }
  return null;
}

/** NaN, infinite and negative numbers are no measurements of what is read here. */
function sane(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) && value >= 0 ? value : null;
}

function sessionsOf(
  series: Series | undefined,
  names: readonly string[],
): { total: number; byState: ReadonlyMap<string, number> } | undefined {
  for (const name of names) {
    const samples = series?.get(name)?.filter((sample) => sane(sample.value) !== null) ?? [];
    if (samples.length === 0) continue;
    const byState = new Map(samples.map((sample) => [sample.labels.get('state') ?? '', sample.value]));
    return { total: samples.reduce((sum, sample) => sum + sample.value, 0), byState };
  }
  return undefined;
}

/** The reserved ones are added up, as far as the version has them. */
function usableOf(maxConnections: number | null, series: Series | undefined, mapping: MetricMapping): number | null {
  if (maxConnections === null) return null;
  const reserved = mapping.reservedConnections.map((name) => sane(series?.get(name)?.[0]?.value) ?? 0);
  const usable = maxConnections - reserved.reduce((sum, value) => sum + value, 0);
  return usable > 0 ? usable : null;
}
