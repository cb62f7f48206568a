import { diskQueries, readDiskAnswers, type DiskMatchers } from '../../core/prometheus/disk-query';
import type { InstantVector } from '../../core/prometheus/instant-vector';
import { buildFleet, type FleetAnswers, type FleetReading } from '../../core/prometheus/fleet';
import { fleetQueries, type FleetLabels } from '../../core/prometheus/fleet-queries';
import type { MetricMapping } from '../../core/prometheus/metric-mapping';
import type { PrometheusClient } from './prometheus-client';

/**
 * All servers that a Prometheus knows, in six queries whatever their number, one after another; then the file systems
 * that the settings name, some at once.
 */
export async function readFleet(
  client: PrometheusClient,
  mapping: MetricMapping,
  labels: FleetLabels,
  options: {
    readonly staleS?: number | undefined;
    readonly disks?: DiskMatchers;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<FleetReading> {
  const queries = fleetQueries(mapping, labels);
  const answers: Partial<Record<keyof FleetAnswers, FleetAnswers['known']>> = {};
  for (const name of ['known', 'times', 'gauges', 'states', 'sums', 'deadlocks'] as const) {
    answers[name] = await client.query(queries[name], options.signal);
  }
  const diskAnswers: InstantVector[] = [];
  for (const query of diskQueries(options.disks ?? {}, mapping)) {
    diskAnswers.push(await client.query(query, options.signal));
  }
  const all = answers as FleetAnswers;
  const warnings = new Set([...Object.values(all), ...diskAnswers].flatMap((answer) => answer.warnings));
  return {
    servers: buildFleet(all, mapping, labels, options.staleS),
    disks: readDiskAnswers(diskAnswers, mapping),
    warnings: [...warnings],
  };
}
