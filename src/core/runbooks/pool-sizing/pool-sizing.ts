import { formatMilliseconds } from '../../format/numbers';
import { formatCount } from '../../format/quantities';
import { sessionsStatement } from '../../health/sessions-statement';
import { readHistory } from '../../history/read-history';
import type { HistoryPoint } from '../../history/history-store';
import type { PoolTimer } from '../../pool/application-pool';
import { evaluateSizing } from '../../pool/sizing';
import type { KnownPool } from '../../pool/known-pools';
import { Kept } from '../kept';
import { escapeMarkdown, fenced, markdownTable } from '../markdown';
import { allGood, compareMeasures, type Measure } from '../measures';
import { limitsStatement } from '../pool-exhaustion/size-advice';
import type { RunbookTools } from '../registry';
import { failed, ok, type Runbook, type Step, type StepResult, type StepRun } from '../runbook';
import { verdictText } from '../verdict';
import { daysText, sizePools, type PoolPeak, type PoolSize } from './pool-sizes';
import { poolSizingMeasures, poolSizingVerdict, sizingOfPools, type PoolSizingEvidence } from './pool-sizing-verdict';

const why = `# HikariCP Health and Sizing Review

**When:** each quarter, before a new application or more instances, or when all pools together may take too much.

The guide's \`hikari_connections_validation_time\` exists in no HikariCP: how long it takes to **get** a connection, how long it
is **kept**, and to **make** one are what is measured. Its rule divides by \`max_connections\`; here the usable slots count,
less what poolers take, and the other sessions are named beside it.

What an application is configured with, no metric tells. To be looked at by hand: \`connection-timeout\` (default 30 s; shorter
than the time a request may take), \`validation-timeout\` (default 5 s; shorter than the former), \`max-lifetime\` (default
30 min; shorter than any time-out of a firewall), \`leak-detection-threshold\` (default off).`;

const before = new Kept<readonly Measure[]>();

/** The runbook of the guide's "Connection Pool Maintenance". */
export function poolSizing(tools: RunbookTools): Runbook {
  const diagnose = (
    id: string,
    heading: string,
    text: string,
    show: (evidence: PoolSizingEvidence) => string,
  ): Step => ({
    id,
    kind: 'diagnose',
    language: 'sql',
    heading,
    text: () => text.trim(),
    run: async (run) => ok(show(await readEvidence(run, tools))),
  });
  return {
    id: 'pool-sizing',
    version: 1,
    title: 'Pool Sizing Review',
    level: 'L3',
    steps: [
      { id: 'why', kind: 'why', language: 'markdown', text: () => why },
      diagnose('pools', '## Health of the pools', sessionsStatement.text, healthMarkdown),
      diagnose('rule', '## The rule', limitsStatement.text, ruleMarkdown),
      diagnose('peaks', '## Their highest use', sessionsStatement.text, peaksMarkdown),
      {
        id: 'verdict',
        kind: 'verdict',
        language: 'plaintext',
        heading: '## Verdict',
        text: () => 'Whether the pools are well, keep the rule and have the size of their use',
        run: async (run) => {
          const evidence = await readEvidence(run, tools);
          before.set(run.memory, poolSizingMeasures(evidence));
          const { main, others } = poolSizingVerdict(evidence);
          return { ...ok(verdictText(main, others)), ...(main.next ? { next: main.next.step } : {}) };
        },
      },
      diagnose('sizes', '## The sizes to set, application by application', limitsStatement.text, sizesMarkdown),
      {
        id: 'verify',
        kind: 'verify',
        language: 'sql',
        heading: '## Verify\n\nAfter the next deployment.',
        text: () => sessionsStatement.text.trim(),
        run: (run) => verify(run, tools),
      },
    ],
  };
}

/** A quarter of a year, in ms: the guide's time between two reviews. */
const quarterMs = 92 * 86_400_000;

async function readEvidence(run: StepRun, tools: RunbookTools): Promise<PoolSizingEvidence> {
  const { session, signal, profile, now } = run;
  const [sessions] = await session.read(sessionsStatement, signal);
  const usable = sessions?.usable ?? null;
  const known = tools.pools(profile.id, sessions?.used ?? null);
  const history = await tools.history();
  const at = now.getTime();
  const points = (name: string, subject: string): readonly HistoryPoint[] =>
    readHistory(history, { connectionId: profile.id, signal: name, subject }, at - quarterMs, at);
  const daysOf = ([first]: readonly HistoryPoint[]): number => (first ? Math.round((at - first.at) / 86_400_000) : 0);
  const peakOf = ({ application, pool }: KnownPool): PoolPeak | null => {
    // As poolNumbers writes it.
    const subject = `${application.name} ${pool?.name ?? ''}`;
    const active = points('hikari.active', subject);
    if (active.length === 0) return null;
    return {
      active: highest(active),
      pending: highest(points('hikari.pending', subject)),
      days: daysOf(active),
      hours: hoursOf(active),
    };
  };
  const sessionsKept = points('sessions.count', '');
  return {
    known,
    usable,
    sized: sizePools(known?.pools ?? [], known?.poolers ?? [], peakOf, usable),
    peak: sessionsKept.length === 0 ? null : { sessions: highest(sessionsKept), days: daysOf(sessionsKept) },
  };
}

/** In how many hours anything was read; a point of a coarse past stands for an hour. */
function hoursOf(points: readonly HistoryPoint[]): number {
  return new Set(points.map(({ at }) => Math.floor(at / 3_600_000))).size;
}

function highest(points: readonly HistoryPoint[]): number {
  return points.reduce((most, { max }) => Math.max(most, max), 0);
}

const noneAttached =
  'No application and no pooler is attached to this connection: _DB Ops: Add Metrics Source…_, setting `dbOps.applications`.';
const said = (value: number | null): string => (value === null ? 'not exposed' : String(value));

function healthMarkdown({ known }: PoolSizingEvidence): string {
  if (!known || known.pools.length === 0) return noneAttached;
  const rows = known.pools.map(({ application, pool, past }) => {
    const name = escapeMarkdown(`${application.name} ${pool?.name ?? ''}`.trim());
    if (!pool) return [name, '**not readable**', '', '', '', '', '', ''];
    const { leak } = past;
    return [
      name,
      `${said(pool.active)} of ${said(pool.max)}`,
      said(pool.idle),
      (pool.pending ?? 0) > 0 ? `**${said(pool.pending)}**` : said(pool.pending),
      past.recentTimeouts === null ? 'not known yet' : past.recentTimeouts > 0 ? `**${past.recentTimeouts}**` : '0',
      timer(pool.acquire),
      timer(pool.usage),
      leak.kind === 'none' ? 'none' : leak.kind === 'unknown' ? 'watched for too short' : '**suspected**',
    ];
  });
  const headings = ['Pool', 'In use', 'Idle', 'Waiting', 'Time-outs in 5 min', 'To get one', 'Kept for', 'Leak'];
  return markdownTable(headings, rows);
}

/** Mean since the application started, and the longest lately. */
function timer({ count, totalS, maxS }: PoolTimer): string {
  const mean =
    count !== null && totalS !== null && count > 0 ? `${formatMilliseconds((1000 * totalS) / count)} mean` : '';
  const longest = maxS === null ? '' : `${formatMilliseconds(1000 * maxS)} longest`;
  return [mean, longest].filter((part) => part !== '').join(', ') || 'not exposed';
}

function ruleMarkdown(evidence: PoolSizingEvidence): string {
  const sizing = sizingOfPools(evidence);
  if (!sizing) return noneAttached;
  const { lines } = evaluateSizing(sizing);
  return [
    '`sum(maximum × instances) < 0.8 × usable`, where usable = `max_connections` - `superuser_reserved_connections` - `reserved_connections`:',
    lines.map((line) => `- ${escapeMarkdown(line)}`).join('\n'),
  ].join('\n\n');
}

function peaksMarkdown({ sized, peak, usable }: PoolSizingEvidence): string {
  const server =
    peak === null
      ? 'How many sessions the server had was not kept yet: keep the tree open, or `dbOps.polling.inBackground`.'
      : `The server had at most **${peak.sessions}** of ${usable ?? 'an unknown number of'} usable sessions within ${daysText(peak.days)}, as far as it was watched.`;
  if (sized.sizes.length === 0) return server;
  const rows = sized.sizes.map(({ application, pool, max, instances, peak: own }) => [
    escapeMarkdown(`${application} ${pool}`.trim()),
    said(max),
    String(instances),
    own === null ? 'not kept' : String(own.active),
    own === null ? 'not kept' : String(own.pending),
    own === null ? '' : `${formatCount(own.hours, 'hour')} in ${daysText(own.days)}`,
  ]);
  return [
    markdownTable(['Pool', 'Maximum', 'Instances', 'Most in use', 'Most waiting', 'Watched for'], rows),
    server,
    'Of several instances one answers: its use stands for all of them.',
  ].join('\n\n');
}

function sizesMarkdown({ sized }: PoolSizingEvidence): string {
  const { sizes, budget, advisedSum } = sized;
  if (sizes.length === 0) return noneAttached;
  const lines = sizes.map(
    (size) => `- ${escapeMarkdown(`${size.application} ${size.pool}`.trim())}: ${escapeMarkdown(size.why)}.`,
  );
  const changed = sizes.filter(({ advised, max }) => advised !== null && advised !== max);
  const sum =
    budget === null
      ? 'The usable slots are not known, so that nothing can be said of the sum.'
      : advisedSum === null
        ? `Together they may take ${budget}; what some may open is not known.`
        : `With these sizes they take ${advisedSum} of the ${budget} that the rule allows${advisedSum > budget ? ': **too much.** Fewer instances, a pooler in transaction mode, or a larger server' : ''}.`;
  return [
    lines.join('\n'),
    ...(changed.length === 0
      ? ['Nothing is to be changed.']
      : [fenced(changed.map(property).join('\n'), 'properties')]),
    sum,
  ].join('\n\n');
}

function property({ application, pool, max, advised, instances }: PoolSize): string {
  const name = `${application} ${pool}`.replace(/[\r\n]+/g, ' ').trim();
  return [
    `# ${name}: was ${max ?? 'unknown'}, ${instances} ${instances === 1 ? 'instance' : 'instances'}`,
    `spring.datasource.hikari.maximum-pool-size=${advised ?? ''}`,
  ].join('\n');
}

async function verify(run: StepRun, tools: RunbookTools): Promise<StepResult> {
  const evidence = await readEvidence(run, tools);
  const measures = poolSizingMeasures(evidence);
  const compared = compareMeasures(before.get(run.memory), measures);
  if (allGood(measures)) return ok(`**Good again.**\n\n${compared}`);
  const { main, others } = poolSizingVerdict(evidence);
  return failed(`${compared}\n\n${verdictText(main, others)}`);
}
