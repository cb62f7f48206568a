import type { PoolReport } from './application-pool';
import { knownMetric } from './metric-names';
import { PoolCollector } from './pool-collector';
import { parsePrometheusText, type MetricSample } from './prometheus-text';

/** Labels that tell parts of one metric apart, not pools. */
const partLabels = new Set(['pool', 'quantile', 'le', 'statistic']);

/** The pools of an application's metrics page; undefined when the text is no metrics page at all. */
export function poolsFromText(text: string): PoolReport | undefined {
  const { samples, brokenLines } = parsePrometheusText(text, (name) => knownMetric(name) !== undefined);
  const lines = text.split('\n').filter((line) => line.trim() !== '').length;
  if (samples.length === 0 && (lines === 0 || brokenLines * 2 > lines)) return undefined;
  return collectPools(samples, 'Prometheus text', brokenLines);
}

/** Joins samples into pools. One name with different other labels is several pools, told apart by these. */
export function collectPools(samples: readonly MetricSample[], road: PoolReport['road'], brokenLines = 0): PoolReport {
  const collector = new PoolCollector();
  if (brokenLines > 0) collector.complain(`${brokenLines} lines of the answer could not be read; they are left out.`);
  const groups = new Map<string, Set<string>>();
  const read = samples.map((sample) => {
    const pool = knownMetric(sample.name)?.pool ?? sample.labels.get('pool') ?? 'HikariCP';
    const others = otherLabels(sample);
    groups.set(pool, (groups.get(pool) ?? new Set()).add(others));
    return { sample, pool, others };
  });
  for (const { sample, pool, others } of read) {
    const known = knownMetric(sample.name);
    if (!known || sample.labels.has('quantile') || sample.labels.has('le')) continue;
    const shared = (groups.get(pool)?.size ?? 1) > 1;
    collector.put(
      `${pool}\n${others}`,
      shared && others !== '' ? `${pool} (${others})` : pool,
      known.field,
      sample.value * known.scale,
    );
  }
  return collector.report(road);
}

function otherLabels({ labels }: MetricSample): string {
  return [...labels]
    .filter(([label]) => !partLabels.has(label))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}=${value}`)
    .join(', ');
}
