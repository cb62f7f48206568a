import { formatBytes, formatCount, formatDuration } from '../../format/quantities';
import { buildLockState } from '../../health/blocking-graph';
import { locksStatement } from '../../health/blocking';
import { databaseSizesStatement, type DatabaseSize } from '../../health/checks/database-sizes';
import { longQueriesStatement, type LongQuery } from '../../health/checks/long-queries';
import { replicationStatement } from '../../health/replication';
import { sessionsStatement } from '../../health/sessions-statement';
import type { SizeState } from '../../health/size';
import { SizeReader } from '../../health/size-reader';
import { tableSizesStatement } from '../../health/size-statements';
import { systemClock } from '../../ports/clock';
import { applicationName } from '../action-text';
import { graphMarkdown } from '../lock-contention/lock-evidence';
import { lockVerdict } from '../lock-contention/lock-verdict';
import { escapeMarkdown, inlineCode, markdownTable, shorten } from '../markdown';
import { outcomeResult } from '../outcome-result';
import type { Parameter, ParameterValues } from '../parameter';
import { layersOf } from '../pool-exhaustion/layers';
import { placesMarkdown } from '../pool-exhaustion/pool-evidence';
import { slowS } from '../pool-exhaustion/pool-verdict';
import { busySessionsStatement } from '../pool-exhaustion/session-groups';
import type { RunbookTools } from '../registry';
import { stagesMarkdown } from '../replication-lag/lag-evidence';
import { replicationOf } from '../replication-lag/replication-now';
import { failed, ok, type Runbook, type Step, type StepResult, type StepRun } from '../runbook';
import { actionStatement, freeze } from '../session-actions';
import { verdictText } from '../verdict';
import { orderedChoices, victimPlaceholder } from '../victim-choice';
import { cheatSheetVerdict, type CheatSheetEvidence } from './cheat-sheet-verdict';

const why = `# Cheat Sheet

The commands of the guide's cheat sheet, as they should be: the lag up to what is **replayed** (\`sent_lsn\` shows 0 while
everything waits), no walsender among the queries, sizes in the order of bytes and by oid (one mixed-case name breaks the
guide's), the pools by what applications tell. A kill is chosen, shown, and checked again inside its statement.`;

const parts = [
  ['everything', 'All of the sheet'],
  ['pools', 'Connection pools'],
  ['queries', 'Long-running queries'],
  ['lag', 'Replication lag'],
  ['locks', 'Locks'],
  ['sizes', 'Sizes of databases and tables'],
  ['kill', 'Kill one: cancel a query or end a session'],
] as const;

const part: Parameter = {
  id: 'part',
  title: 'Which command',
  asked: 'from-palette',
  placeholder: 'It opens as a notebook and reads at once',
  choices: () => Promise.resolve(parts.map(([value, label]) => ({ label, value: { value, label } }))),
};

/** Who wants to kill one wants to see the queries and the locks first. */
function isShown(step: string): (parameters: ParameterValues) => boolean {
  return (parameters) => {
    const chosen = parameters['part']?.value ?? 'everything';
    if (chosen === 'everything' || chosen === step) return true;
    const toKill = ['queries', 'locks', 'kill'];
    return toKill.includes(chosen) && toKill.includes(step) && (chosen === 'kill' || step === 'kill');
  };
}

/** The guide's "Key Commands Cheat Sheet" as cells that run. */
export function cheatSheet(tools: RunbookTools): Runbook {
  return {
    id: 'cheat-sheet',
    version: 1,
    title: 'Cheat Sheet',
    level: 'L1',
    parameters: [part],
    steps: [...commands(tools), ...acting(tools)],
  };
}

function commands(tools: RunbookTools): readonly Step[] {
  const command = (id: string, heading: string, text: Step['text'], show: (run: StepRun) => Promise<string>): Step => ({
    id,
    kind: 'diagnose',
    language: 'sql',
    heading,
    text,
    shown: isShown(id),
    run: async (run) => ok(await show(run)),
  });
  return [
    { id: 'why', kind: 'why', language: 'markdown', text: () => why },
    command(
      'pools',
      '## Connection pools',
      () => sessionsStatement.text.trim(),
      async ({ session, signal, profile }) => {
        const [sessions] = await session.read(sessionsStatement, signal);
        return sessions
          ? placesMarkdown({ sessions, layers: layersOf(tools.snapshot(profile.id)) })
          : 'The server told nothing of its sessions.';
      },
    ),
    command(
      'queries',
      `## Long-running queries\n\nRunning for more than \`$1\` = ${slowS.guide} s.`,
      () => longQueriesStatement(slowS.guide).text.trim(),
      async ({ session, signal }) =>
        queriesMarkdown(
          await session.read(longQueriesStatement(slowS.guide), signal),
          session.capabilities.seesAllSessions,
        ),
    ),
    command(
      'lag',
      '## Replication lag',
      ({ major }) => replicationStatement(major).text.trim(),
      async (run) => stagesMarkdown(await replicationOf(run, tools)),
    ),
    command(
      'locks',
      '## Locks',
      ({ major }) => locksStatement(major).text.trim(),
      async (run) => graphMarkdown(await locksOf(run)),
    ),
    command(
      'sizes',
      '## Sizes of databases and tables',
      () => `${databaseSizesStatement.text.trim()};\n\n${tableSizesStatement.text.trim()}`,
      async ({ session, signal }) =>
        sizesMarkdown(
          await session.read(databaseSizesStatement, signal),
          await new SizeReader(systemClock).read(session, true, signal),
        ),
    ),
    {
      id: 'verdict',
      kind: 'verdict',
      language: 'plaintext',
      heading: '## Verdict',
      text: () => 'Which of them wants a runbook, the worst first',
      run: async (run) => {
        const { main, others } = cheatSheetVerdict(await readEvidence(run, tools));
        return { ...ok(verdictText(main, others)), ...(main.next ? { next: main.next.step } : {}) };
      },
    },
  ];
}

function acting(tools: RunbookTools): readonly Step[] {
  return [
    {
      id: 'kill',
      kind: 'act',
      language: 'sql',
      button: 'Act: kill one…',
      heading:
        '## Act: kill one\n\nCancel comes before terminate. `$1` is its pid and `$2` its `backend_start`: a later session with the same pid is not touched.',
      text: ({ major }) =>
        (['cancel', 'terminate'] as const)
          .map((action) => `-- ${action}\n${actionStatement(action, { pid: 0, backendStart: null }, major).text};`)
          .join('\n\n'),
      shown: isShown('kill'),
      run: (run) => kill(run, tools),
    },
    {
      id: 'verify',
      kind: 'verify',
      language: 'sql',
      heading: '## Verify',
      text: () => longQueriesStatement(slowS.guide).text.trim(),
      run: async (run) => {
        const { main, others } = cheatSheetVerdict(await readEvidence(run, tools));
        const text = verdictText(main, others);
        return main.cause === 'none' ? ok(text) : failed(text);
      },
    },
  ];
}

async function locksOf({ session, signal }: StepRun): Promise<CheatSheetEvidence['locks']> {
  const { major, seesAllSessions } = session.capabilities;
  return buildLockState(await session.read(locksStatement(major), signal), !seesAllSessions);
}

async function readEvidence(run: StepRun, tools: RunbookTools): Promise<CheatSheetEvidence> {
  const { session, signal } = run;
  const [sessions] = await session.read(sessionsStatement, signal);
  if (!sessions) throw new Error('The server told nothing of its sessions.');
  return {
    sessions,
    long: session.capabilities.seesAllSessions ? await session.read(longQueriesStatement(slowS.guide), signal) : [],
    replication: await replicationOf(run, tools),
    locks: await locksOf(run),
  };
}

function queriesMarkdown(long: readonly LongQuery[], seesAll: boolean): string {
  if (!seesAll) return '**Queries of others are hidden from this role:** grant it `pg_monitor`.';
  if (long.length === 0) return `No query has run for more than ${slowS.guide} s.`;
  const rows = long.map((one) => [
    String(one.pid),
    formatDuration(one.ageS),
    escapeMarkdown(applicationName(one.application)),
    escapeMarkdown(one.user ?? ''),
    escapeMarkdown(one.database ?? ''),
    escapeMarkdown(one.waits ?? ''),
    inlineCode(shorten(one.query, 120)),
  ]);
  return markdownTable(['Session', 'Runs for', 'Application', 'Role', 'Database', 'Waits for', 'Query'], rows);
}

const shownTables = 20;

function sizesMarkdown(databases: readonly DatabaseSize[], sizes: SizeState): string {
  const known = databases
    .toSorted((a, b) => (b.bytes ?? -1) - (a.bytes ?? -1))
    .map(({ database, bytes }) => [escapeMarkdown(database), bytes === null ? 'hidden' : formatBytes(bytes)]);
  const tables = sizes.tables
    .slice(0, shownTables)
    .map((one) => [
      escapeMarkdown(`${one.schema}.${one.name}`),
      `**${formatBytes(one.totalBytes)}**`,
      formatBytes(one.heapBytes),
      formatBytes(one.toastBytes),
      formatBytes(one.indexBytes),
    ]);
  return [
    markdownTable(['Database', 'Size'], known),
    `Of this database the largest ${shownTables} tables:`,
    tables.length === 0
      ? 'This database has no table of its own.'
      : markdownTable(['Table', 'Together', 'Heap', 'TOAST and maps', 'Indexes'], tables),
    ...(sizes.tablesProblem ? [escapeMarkdown(sizes.tablesProblem)] : []),
    ...(sizes.skippedLocked > 0
      ? [
          `${formatCount(sizes.skippedLocked, 'table is', 'tables are')} locked exclusively and ${sizes.skippedLocked === 1 ? 'was' : 'were'} skipped.`,
        ]
      : []),
  ].join('\n\n');
}

/** What the graph of locks recommends first, then all that is busy, the oldest first. */
async function kill(run: StepRun, { gate, prompts }: RunbookTools): Promise<StepResult> {
  const { session, signal, profile } = run;
  if (!session.capabilities.seesAllSessions)
    return failed(
      '**Refused.** What others do is hidden from this role: grant it `pg_monitor`, and `pg_signal_backend`.',
    );
  const locks = await locksOf(run);
  const { recommended } = lockVerdict(locks);
  const inGraph = [...locks.sessions.values()].filter(({ pid }) => pid !== 0).toSorted((a, b) => b.holdsUp - a.holdsUp);
  const busy = await session.read(busySessionsStatement(0), signal);
  const others = busy.filter(({ pid }) => !inGraph.some((one) => one.pid === pid));
  const victims = [...inGraph.map(freeze), ...others];
  if (victims.length === 0) return ok('No session is at work or in a transaction: there is none to end.');
  const chosen = await prompts.pick(
    `Kill One on ${profile.name}`,
    orderedChoices(victims, recommended),
    victimPlaceholder,
  );
  if (!chosen) return ok('Nothing was done.');
  const outcome = await gate.signal(profile.id, chosen.victim, chosen.action, signal);
  return outcomeResult(outcome, { role: session.capabilities.user });
}
