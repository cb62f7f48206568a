import { formatMilliseconds, formatPercent } from '../../format/numbers';
import { formatBytes, formatCount, formatDuration } from '../../format/quantities';
import { escapeMarkdown, markdownTable } from '../markdown';
import { atLeastOnStandby, cacheHitOf, type Peer } from './capacity';
import { delayWords, isFit } from './replay-delay';
import { fewestHits, fitMs, standbysOf, type ScalingEvidence } from './scaling-verdict';

type Row = readonly [what: string, measured: string, limit: string, state: string];

const state = (good: boolean | null): string => (good === null ? 'not known' : good ? 'good' : '**beyond it**');

/** The guide's thresholds on what is measured; the rest is named, with where it is to be had. */
export function measuredMarkdown(evidence: ScalingEvidence): string {
  const rows: Row[] = [
    slots(evidence),
    peak(evidence),
    ...lag(evidence),
    hits(evidence),
    temp(evidence),
    read(evidence),
  ];
  for (const { about, findings, problem, absent } of evidence.signals) {
    if (absent !== null) continue;
    const wrong = findings.filter(({ severity }) => severity === 'warning' || severity === 'critical');
    if (problem !== null)
      rows.push([escapeMarkdown(about.title), escapeMarkdown(problem), 'as in the tree', 'not known']);
    for (const { words } of wrong)
      rows.push([escapeMarkdown(about.title), escapeMarkdown(words), 'as in the tree', state(false)]);
  }
  const table = markdownTable(['What', 'Measured', 'Limit', 'State'], rows);
  return [table, notMeasured].join('\n\n');
}

/** No source of this panel gives these; the queries are node_exporter's and Micrometer's names. */
const notMeasured = [
  '**Not measured here,** and the guide decides by them:',
  [
    '- CPU: above 70 % on replicas (a further replica), above 80 % on the primary (a larger server). With node\\_exporter: `1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[15m]))`',
    '- Memory pressure: kills by the kernel, swapping. `node_memory_MemAvailable_bytes`, `rate(node_vmstat_pswpout[15m])`',
    '- Disk: a request that waits for more than 20 ms. `iostat -x 5`, column await',
    '- Reads beyond their p95: `http_server_requests_seconds` of the application; PostgreSQL keeps no percentiles',
  ].join('\n'),
].join('\n\n');

function slots({ sessions: { used, usable } }: ScalingEvidence): Row {
  const part = usable > 0 ? used / usable : 1;
  return ['Usable slots in use', `${used} of ${usable} (${formatPercent(100 * part)})`, '80 %', state(part < 0.8)];
}

function peak({ peak: highest }: ScalingEvidence): Row {
  if (highest === null) return ['Highest in the history', 'not kept yet', '80 %', state(null)];
  return [
    'Highest in the history',
    `${formatPercent(100 * highest.part)} within ${formatCount(highest.days, 'day')}`,
    '80 %',
    state(highest.part < 0.8),
  ];
}

function lag({ followers }: ScalingEvidence): readonly Row[] {
  if (followers.some(({ kind }) => kind === 'hidden'))
    return [['Lag of the standbys', 'hidden from this role: grant it pg\\_monitor', `${fitMs} ms`, state(null)]];
  const standbys = standbysOf(followers);
  if (standbys.length === 0) return [['Lag of the standbys', 'no standby follows this server', `${fitMs} ms`, '']];
  return standbys.map((standby): Row => [
    `Lag of ${escapeMarkdown(standby.name)}`,
    delayWords(standby),
    `${fitMs} ms`,
    state(isFit(standby, fitMs)),
  ]);
}

const since = (countedS: number | null): string => (countedS === null ? 'ever' : `in ${formatDuration(countedS)}`);

function hits({ capacity }: ScalingEvidence): Row {
  const hit = cacheHitOf(capacity);
  return [
    'Blocks found in shared buffers',
    hit === null ? 'too few were asked for' : `${formatPercent(100 * hit)} ${since(capacity.countedS)}`,
    '98 %, field',
    state(hit === null ? null : hit >= fewestHits),
  ];
}

function temp({ capacity: { tempBytes, countedS } }: ScalingEvidence): Row {
  return ['Temporary files', `${formatBytes(tempBytes)} ${since(countedS)}`, 'none usual', ''];
}

function read({ capacity: { readMs } }: ScalingEvidence): Row {
  return [
    'Reading a block, mean',
    readMs === null
      ? 'not measured: track\\_io\\_timing is off, or nothing was read'
      : `${formatMilliseconds(readMs)}, the cache of the system included: it is not the await of the disk`,
    '20 ms',
    state(readMs === null ? null : readMs <= 20),
  ];
}

/** max_connections and its kin on the known servers of the cluster, with the order in which they are changed. */
export function standbyRuleMarkdown(peers: readonly Peer[], major: number): string {
  const primary = peers.find(({ capacity }) => !capacity.inRecovery);
  const cell = (peer: Peer, name: string): string => {
    const value = peer.capacity.atLeastOnStandby[name] ?? 0;
    const least = primary?.capacity.atLeastOnStandby[name] ?? 0;
    return value < least ? `**${value}, too small**` : String(value);
  };
  const table = markdownTable(
    [
      'Setting (RESTART)',
      ...peers.map(({ connection, capacity }) => {
        return `${escapeMarkdown(connection)} (${capacity.inRecovery ? 'standby' : 'primary'})`;
      }),
    ],
    atLeastOnStandby.map((name) => [`\`${name}\``, ...peers.map((peer) => cell(peer, name))]),
  );
  const effect = major >= 14 ? 'its replay pauses, and resumed it shuts down' : 'it shuts down';
  return [
    table,
    `A standby must have at least what its primary has, else ${effect}. **Raising:** every standby first, each with its restart, the primary last. **Lowering:** the primary first, and the standbys once they have replayed that.`,
    ...(peers.length === 1 ? ['No other saved connection is of this cluster: its servers are not compared.'] : []),
  ].join('\n\n');
}
