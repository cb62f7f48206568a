import { isRecord } from './actuator-metric';
import type { PoolReport } from './application-pool';
import { knownMetric } from './metric-names';
import { PoolCollector } from './pool-collector';

/**
 * Pools of Dropwizard's JSON: the metrics servlet's groups (gauges, meters, timers, histograms), or one flat object of
 * names and numbers. Undefined when there is no pool in it.
 */
export function poolsFromDropwizard(json: Readonly<Record<string, unknown>>): PoolReport | undefined {
  const collector = new PoolCollector();
  const put = (name: string, value: unknown): void => {
    const known = knownMetric(name);
    if (known?.pool === undefined) return;
    // Servlets write NaN as text; null is a gauge that failed.
    collector.put(known.pool, known.pool, known.field, typeof value === 'number' ? value : NaN);
  };
  const entries = (group: string): [string, unknown][] => {
    const found = json[group];
    return isRecord(found) ? Object.entries(found) : [];
  };
  for (const [name, gauge] of entries('gauges')) put(name, isRecord(gauge) ? gauge['value'] : gauge);
  for (const [name, meter] of entries('meters')) put(name, isRecord(meter) ? meter['count'] : meter);
  for (const [name, timer] of [...entries('timers'), ...entries('histograms')]) {
    if (isRecord(timer)) put(`${name}_count`, timer['count']);
  }
  for (const [name, value] of Object.entries(json)) if (typeof value === 'number') put(name, value);
  return collector.empty ? undefined : collector.report('Dropwizard JSON');
}
