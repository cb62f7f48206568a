import { formatBytes, formatCount, formatDuration } from '../format/quantities';
import { gradeBeyond } from '../health/finding';
import { worst } from '../health/severity';
import { worstFirst, type Finding, type SignalAbout, type Threshold } from '../health/signal';
import type { Status } from '../health/status';
import type { Limits } from '../health/check-run';
import { standardOf, type LimitName } from '../health/standard-limits';
import { deadlockWindow, rememberedFor } from './fleet-queries';
import type { FleetServer } from './fleet';

export const fleetAbout: SignalAbout = {
  id: 'prometheus',
  group: 'pool',
  title: 'Prometheus',
  explanation:
    'What exporters report of a server; no older than their last scrape, and only while pg_up says that the server is up.',
  runbook: 'pool-exhaustion',
  tierMs: 30_000,
};

const productsOwn: Limits = (_, standard) => standard;

type LimitedSignal = Extract<LimitName, `prometheus.${string}`>;

/** What a server of the fleet reports, worst first. Numbers that are not known are left out, never shown as 0. */
export function fleetFindings(server: FleetServer, limits: Limits = productsOwn): readonly Finding[] {
  const findings: Finding[] = [availability(server)];
  const put = (
    signal: string,
    value: number | null,
    unit: Finding['unit'],
    threshold: Threshold | null,
    words: (value: number) => string,
    lines: readonly string[] = [],
  ): void => {
    if (value === null) return;
    const severity = threshold ? gradeBeyond(value, threshold) : 'ok';
    findings.push({ signal, subject: '', value, unit, threshold, severity, words: words(value), lines });
  };
  const of = (signal: LimitedSignal): Threshold => limits(signal, standardOf(signal));
  const { sessions, usable } = server;
  if (sessions !== null && usable !== null) {
    put(
      'prometheus.sessions',
      sessions / usable,
      'ratio',
      of('prometheus.sessions'),
      () => `${sessions}/${usable} sessions`,
    );
  } else put('prometheus.sessions', sessions, 'count', null, (value) => `${value} sessions of an unknown maximum`);
  if (server.lagIsUpperBound && server.lagS !== null) {
    // Within the limit it is surely fine; beyond it nobody can say, for it grows while nothing is written.
    const threshold = of('prometheus.lag');
    const severity = server.lagS > threshold.warning ? 'unknown' : 'ok';
    const words = `lag at most ${formatDuration(server.lagS)}`;
    const lines = [
      'The exporter measures "now less the last replay", which grows while the primary writes nothing. Exporters from 0.14 on do better.',
    ];
    findings.push({
      signal: 'prometheus.lag',
      subject: '',
      value: server.lagS,
      unit: 's',
      threshold,
      severity,
      words,
      lines,
    });
  } else put('prometheus.lag', server.lagS, 's', of('prometheus.lag'), (value) => `lag ${formatDuration(value)}`);
  put(
    'prometheus.lag-bytes',
    server.lagBytes,
    'bytes',
    of('prometheus.lag-bytes'),
    (value) => `a standby is ${formatBytes(value)} behind`,
  );
  put(
    'prometheus.long-transaction',
    server.longestTransactionS,
    's',
    of('prometheus.long-transaction'),
    (value) => `longest transaction ${formatDuration(value)}`,
  );
  put(
    'prometheus.deadlocks',
    server.deadlocks === null ? null : Math.round(server.deadlocks),
    'count',
    of('prometheus.deadlocks'),
    (value) => `${formatCount(value, 'deadlock')} in ${deadlockWindow}`,
  );
  put('prometheus.size', server.databaseBytes, 'bytes', null, (value) => formatBytes(value));
  put(
    'prometheus.statements-mean',
    server.statementsMeanS,
    's',
    of('prometheus.statements-mean'),
    (value) => `slowest mean ${formatDuration(value)}`,
  );
  put(
    'prometheus.statements-max',
    server.statementsMaxS,
    's',
    of('prometheus.statements-max'),
    (value) => `slowest query ${formatDuration(value)}`,
  );
  return worstFirst(findings);
}

function availability(server: FleetServer): Finding {
  const base = { signal: 'prometheus.up', subject: '', unit: 'count', threshold: null } as const;
  const age = server.ageS === null ? '' : ` Last sample ${formatDuration(server.ageS)} old.`;
  switch (server.state) {
    case 'up': {
      const lines = [`pg_up is 1.${age}`];
      if (server.incomplete) lines.push('The exporter reports errors: some of its queries fail.');
      return { ...base, value: 1, severity: 'ok', words: 'up', lines };
    }
    case 'down':
      return {
        ...base,
        value: 0,
        severity: 'critical',
        words: 'DOWN',
        lines: [`pg_up is 0: the exporter does not reach the server.${age}`],
      };
    case 'stale':
      return { ...base, value: null, severity: 'unknown', words: 'stale', lines: [`Nothing new was scraped.${age}`] };
    case 'gone':
      return {
        ...base,
        value: null,
        severity: 'unknown',
        words: 'not reported any more',
        lines: [`It was reported within the last ${rememberedFor}; its exporter or its target is away.`],
      };
  }
}

/** The state of a server of the fleet, in the words of the tree. */
export function fleetStatus(server: FleetServer, limits: Limits = productsOwn): Status {
  if (server.state === 'down') return 'unreachable';
  if (server.state !== 'up') return 'stale';
  const severities = fleetFindings(server, limits).map(({ severity }) => (severity === 'hint' ? 'ok' : severity));
  return worst(...severities);
}

const statusOrder: readonly Status[] = ['unreachable', 'critical', 'warning', 'stale', 'unknown'];

/** Servers as a person looks for them: what is in trouble first, then by name, `db-2` before `db-10`. */
export function inOrderOfTrouble(
  servers: readonly FleetServer[],
  limitsOf: (server: FleetServer) => Limits,
): readonly FleetServer[] {
  const places = new Map(servers.map((server) => [server, statusOrder.indexOf(fleetStatus(server, limitsOf(server)))]));
  const place = (server: FleetServer): number => {
    const found = places.get(server) ?? -1;
    return found === -1 ? statusOrder.length : found;
  };
  return [...servers].sort(
    (a, b) => place(a) - place(b) || a.instance.localeCompare(b.instance, undefined, { numeric: true }),
  );
}
