import { parseActuatorMetric, type ActuatorMetric } from '../../core/pool/actuator-metric';
import { numberNames, timerNames, type NumberName, type PoolReport } from '../../core/pool/application-pool';
import { PoolCollector } from '../../core/pool/pool-collector';
import type { HttpAnswer } from '../../core/ports/http';
import { jsonOf, notMetrics, refuseFailure } from './answer';

/** Asks for one address below the Actuator's base. */
export type Ask = (url: URL) => Promise<HttpAnswer>;

/** More are not read one by one: each costs ten requests. */
const mostPools = 30;

/** HikariCP's prefix in Micrometer, then the guide's. */
const prefixes = ['hikaricp.connections', 'hikari.connections'] as const;
const suffixes: Readonly<Record<NumberName, string>> = {
  active: '.active',
  idle: '.idle',
  pending: '.pending',
  max: '.max',
  min: '.min',
  total: '',
  timeouts: '.timeout',
};

/**
 * Reads the pools one by one: without `?tag=pool:…` their numbers are added up. A metric that answers 404 is not
 * exposed and stays null.
 * @param metrics the address of `/actuator/metrics`
 * @returns undefined when the application exposes no pool
 */
export async function readActuatorPools(metrics: URL, ask: Ask): Promise<PoolReport | undefined> {
  for (const prefix of prefixes) {
    const first = await readMetric(metricUrl(metrics, `${prefix}.active`), ask);
    if (!first) continue;
    const collector = new PoolCollector();
    const pools = first.tags.get('pool') ?? [];
    if (pools.length > mostPools) collector.complain(`Only ${mostPools} of ${pools.length} pools are read.`);
    if (pools.length === 0) await readPool(collector, metrics, prefix, undefined, ask);
    for (const pool of pools.slice(0, mostPools)) await readPool(collector, metrics, prefix, pool, ask);
    return collector.empty ? undefined : collector.report('Actuator JSON');
  }
  return undefined;
}

async function readPool(
  collector: PoolCollector,
  metrics: URL,
  prefix: string,
  pool: string | undefined,
  ask: Ask,
): Promise<void> {
  const name = pool ?? 'HikariCP';
  const read = (suffix: string): Promise<ActuatorMetric | undefined> =>
    readMetric(metricUrl(metrics, `${prefix}${suffix}`, pool), ask);
  const numbers = numberNames.map(async (field) => {
    const found = await read(suffixes[field]);
    const value = found && (found.measurements.get('VALUE') ?? found.measurements.get('COUNT'));
    if (value !== undefined) collector.put(name, name, field, value);
  });
  const timers = timerNames.map(async (timer) => {
    const found = await read(`.${timer}`);
    if (!found) return;
    const scale = found.baseUnit === 'milliseconds' ? 1e-3 : 1;
    const put = (part: 'count' | 'totalS' | 'maxS', statistic: string, factor: number): void => {
      const value = found.measurements.get(statistic);
      if (value !== undefined) collector.put(name, name, `${timer}.${part}`, value * factor);
    };
    put('count', 'COUNT', 1);
    put('totalS', 'TOTAL_TIME', scale);
    put('maxS', 'MAX', scale);
  });
  await Promise.all([...numbers, ...timers]);
}

function metricUrl(metrics: URL, name: string, pool?: string): URL {
  const url = new URL(metrics);
  url.pathname = `${metrics.pathname.replace(/\/+$/, '')}/${name}`;
  url.search = '';
  if (pool !== undefined) url.searchParams.set('tag', `pool:${pool}`);
  return url;
}

/** One metric; undefined where it is not exposed. */
async function readMetric(url: URL, ask: Ask): Promise<ActuatorMetric | undefined> {
  const answer = await ask(url);
  if (answer.status === 404) return undefined;
  refuseFailure(url, answer);
  const metric = parseActuatorMetric(jsonOf(answer));
  if (!metric) throw notMetrics(url, 'no Actuator metric');
  return metric;
}
