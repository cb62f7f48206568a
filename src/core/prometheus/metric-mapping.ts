/** What is read of each server of a fleet, whatever an exporter calls it. */
export const fleetMetrics = [
  'up',
  'scrapeError',
  'replica',
  'lagSeconds',
  'lagBytes',
  'sessions',
  'maxConnections',
  'reservedConnections',
  'longestTransactionS',
  'databaseBytes',
  'deadlocks',
  'statementsMeanS',
  'statementsMaxS',
  'diskBytes',
  'diskAvailableBytes',
] as const;
export type FleetMetric = (typeof fleetMetrics)[number];

/** Names that mean a metric; the first that has a series counts. */
export type MetricMapping = Readonly<Record<FleetMetric, readonly string[]>>;

/**
 * postgres_exporter 0.11 to 0.20, then the operations guide's names, which no exporter has but which recording rules may
 * give. `reservedConnections` are added up. 0.11 knows the lag only by its queries.yaml (`pg_replication_lag`).
 */
export const defaultMapping: MetricMapping = {
  up: ['pg_up', 'postgresql_up'],
  scrapeError: ['pg_exporter_last_scrape_error'],
  replica: ['pg_replication_is_replica'],
  lagSeconds: ['pg_replication_lag_seconds', 'pg_replication_lag', 'postgresql_replication_lag_seconds'],
  lagBytes: [
    'pg_stat_replication_pg_wal_lsn_diff',
    'pg_stat_replication_pg_current_wal_lsn_diff',
    'postgresql_replication_lag_bytes',
  ],
  sessions: ['pg_stat_activity_count', 'postgresql_connections'],
  maxConnections: ['pg_settings_max_connections'],
  reservedConnections: ['pg_settings_superuser_reserved_connections', 'pg_settings_reserved_connections'],
  longestTransactionS: ['pg_stat_activity_max_tx_duration'],
  databaseBytes: ['pg_database_size_bytes', 'postgresql_database_size_bytes'],
  deadlocks: ['pg_stat_database_deadlocks', 'pg_stat_database_deadlocks_total'],
  // By queries.yaml; the collector of 0.13 and later has neither a mean nor a maximum.
  statementsMeanS: ['pg_stat_statements_mean_time_seconds', 'postgresql_stat_statements_mean_exec_time'],
  statementsMaxS: ['pg_stat_statements_max_time_seconds', 'postgresql_stat_statements_max_exec_time'],
  // node_exporter, today and before 0.16.
  diskBytes: ['node_filesystem_size_bytes', 'node_filesystem_size'],
  diskAvailableBytes: ['node_filesystem_avail_bytes', 'node_filesystem_avail'],
};

const validName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/**
 * The mapping with a person's own names in front. The setting is an object of metric and name or names; what cannot be
 * used is named and left out, since a name becomes a part of a query.
 */
export function readMapping(setting: unknown): {
  readonly mapping: MetricMapping;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const own = new Map<string, readonly string[]>();
  if (setting !== undefined && setting !== null) {
    if (typeof setting !== 'object' || Array.isArray(setting)) problems.push('The mapping must be an object.');
    else {
      for (const [metric, names] of Object.entries(setting)) {
        const list = (Array.isArray(names) ? names : [names]) as unknown[];
        if (!fleetMetrics.some((known) => known === metric)) {
          problems.push(`"${metric}" is not known; known are ${fleetMetrics.join(', ')}.`);
        } else if (!list.every((name) => typeof name === 'string' && validName.test(name))) {
          problems.push(`"${metric}" must be the name of a metric or a list of names.`);
        } else own.set(metric, list as string[]);
      }
    }
  }
  const joined = fleetMetrics.map((metric) => [
    metric,
    [...new Set([...(own.get(metric) ?? []), ...defaultMapping[metric]])],
  ]);
  return { mapping: Object.fromEntries(joined) as MetricMapping, problems };
}
