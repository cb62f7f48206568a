import { buildFleet, type FleetAnswers, type FleetReading } from '../../core/prometheus/fleet';
import { fleetQueries, type FleetLabels } from '../../core/prometheus/fleet-queries';
import type { MetricMapping } from '../../core/prometheus/metric-mapping';
import type { PrometheusClient } from './prometheus-client';

/** All servers that a Prometheus knows, in six queries whatever their number, one after another. */
export async function readFleet(
  client: PrometheusClient,
  mapping: MetricMapping,
  labels: FleetLabels,
  options: { readonly staleS?: number | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<FleetReading> {
  const queries = fleetQueries(mapping, labels);
  const answers: Partial<Record<keyof FleetAnswers, FleetAnswers['known']>> = {};
  for (const name of ['known', 'times', 'gauges', 'states', 'sums', 'deadlocks'] as const) {
    answers[name] = await client.query(queries[name], options.signal);
  }
  const all = answers as FleetAnswers;
  const warnings = new Set(Object.values(all).flatMap((answer) => answer.warnings));
  return { servers: buildFleet(all, mapping, labels, options.staleS), warnings: [...warnings] };
}
