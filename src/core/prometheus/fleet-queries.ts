import type { FleetMetric, MetricMapping } from './metric-mapping';

/** Which instance a series belongs to. */
export interface FleetLabels {
  /** Together they name an instance. */
  readonly identity: readonly string[];
  /** Its values are the groups of the tree; empty for none. */
  readonly group: string;
  /** PromQL matchers that choose a part, like `env="prod"`; empty for everything. */
  readonly only: string;
}

export const defaultLabels: FleetLabels = { identity: ['job', 'instance'], group: 'job', only: '' };

/** Servers that were there within this time and are no more are shown as gone. */
export const rememberedFor = '30m';

/** Deadlocks are counted over this time. */
export const deadlockWindow = '10m';

/** The queries of a round: as many for 500 servers as for one. */
export interface FleetQueries {
  readonly known: string;
  /** When the last sample of each was taken: tells what is stale. */
  readonly times: string;
  readonly gauges: string;
  readonly states: string;
  readonly sums: string;
  readonly deadlocks: string;
}

/** Its label `version` tells what the exporter means by its numbers. */
export const buildInfo = 'postgres_exporter_build_info';

const gaugeMetrics: readonly FleetMetric[] = [
  'scrapeError',
  'replica',
  'lagSeconds',
  'lagBytes',
  'maxConnections',
  'reservedConnections',
  'longestTransactionS',
  'statementsMeanS',
  'statementsMaxS',
];

export function fleetQueries(mapping: MetricMapping, labels: FleetLabels): FleetQueries {
  const matchers = labels.only.trim() === '' ? '' : `,${labels.only}`;
  const named = (names: readonly string[]): string => `{__name__=~"${names.join('|')}"${matchers}}`;
  const series = (...metrics: readonly FleetMetric[]): string => named(metrics.flatMap((metric) => mapping[metric]));
  const by = identityLabels(labels).join(', ');
  const up = series('up');
  return {
    known: `last_over_time(${up}[${rememberedFor}])`,
    times: `max by (${by}) (timestamp(${up}))`,
    gauges: `max by (__name__, ${by}, version) (${named([buildInfo, ...gaugeMetrics.flatMap((metric) => mapping[metric])])})`,
    states: `sum by (__name__, ${by}, state) (${series('sessions')})`,
    sums: `sum by (__name__, ${by}) (${series('databaseBytes')})`,
    deadlocks: `sum by (${by}) (increase(${series('deadlocks')}[${deadlockWindow}]))`,
  };
}

export function identityLabels({ identity, group }: FleetLabels): readonly string[] {
  return [...new Set([...identity, ...(group === '' ? [] : [group])])];
}
