import { vacuumProgressStatement } from '../../health/checks/vacuum-progress';
import { freezeAgeStatement } from '../../health/checks/wraparound';
import { horizonStatement, nameHolder } from '../../reports/bloat/horizon';
import { estimateTable } from '../../reports/bloat/estimate-table';
import { tableRowsStatement } from '../../reports/bloat/table-rows';
import { formatInteger } from '../../format/numbers';
import { systemClock } from '../../ports/clock';
import type { Choice } from '../../ports/prompts';
import { Kept } from '../kept';
import { escapeMarkdown } from '../markdown';
import { allGood, compareMeasures, type Measure } from '../measures';
import { outcomeResult } from '../outcome-result';
import type { RunbookTools } from '../registry';
import { failed, ok, type Place, type Runbook, type Step, type StepResult, type StepRun } from '../runbook';
import { verdictText } from '../verdict';
import { endHolder } from './end-holder';
import { freeDiskOf, leastBloat, measuredGate } from './full-gates';
import { aboutTable, tableOf, tableParameter } from './table-parameter';
import { tuneAction, tuneSql } from './tune-action';
import { vacuumAction, vacuumSql, type VacuumWay } from './vacuum-action';
import { freezeMarkdown, holdersMarkdown, runningMarkdown, tablesMarkdown, vacuumMeasures } from './vacuum-evidence';
import { ratioOf, tableLabel, vacuumTablesStatement, type VacuumTable } from './vacuum-tables';
import { heldBackBy, vacuumVerdict, type VacuumEvidence } from './vacuum-verdict';

const why = `# Vacuum and Analyze

**When:** dead rows pile up, tables grow without new rows, statistics are old, wraparound comes nearer.

What holds vacuum back comes FIRST: while an old transaction, a slot or a standby's query stands, no vacuum removes what was
deleted since. Transactions of other databases and a running VACUUM hold nothing back here.

The guide's query leaves out tables that were never vacuumed, which are the point; here they are in, ranked by how far they
are beyond the threshold that autovacuum applies to each. \`VACUUM FULL\` is the last resort: it locks everyone out.`;

const before = new Kept<readonly Measure[]>();
const table = 'schema.table';

/** The runbook of the guide's "Vacuum and Analyze". */
export function vacuum(tools: RunbookTools): Runbook {
  const diagnose = (
    id: string,
    heading: string,
    text: Step['text'],
    show: (evidence: VacuumEvidence) => string,
  ): Step => ({
    id,
    kind: 'diagnose',
    language: 'sql',
    heading,
    text,
    run: async (run) => ok(show(await readEvidence(run))),
  });
  const tablesText = ({ major }: Place): string => vacuumTablesStatement(major).text.trim();
  return {
    id: 'vacuum',
    version: 1,
    title: 'Vacuum',
    level: 'L2',
    parameters: [tableParameter],
    steps: [
      { id: 'why', kind: 'why', language: 'markdown', text: () => why },
      diagnose(
        'horizon',
        '## What holds vacuum back',
        () => horizonStatement.text.trim(),
        ({ holders, seesAll }) => holdersMarkdown(holders, seesAll),
      ),
      diagnose('tables', '## Dead rows, and when autovacuum comes', tablesText, ({ tables }) => tablesMarkdown(tables)),
      diagnose(
        'running',
        '## Vacuums at work',
        ({ major }) => vacuumProgressStatement(major).text.trim(),
        ({ running }) => runningMarkdown(running),
      ),
      diagnose('wraparound', '## Wraparound', () => freezeAgeStatement.text.trim(), freezeMarkdown),
      {
        id: 'verdict',
        kind: 'verdict',
        language: 'plaintext',
        heading: '## Verdict',
        text: () => 'What keeps dead rows, and the next step',
        run: async (run) => {
          const evidence = await readEvidence(run);
          const { main, others } = vacuumVerdict(evidence);
          before.set(run.memory, vacuumMeasures(evidence));
          const about = evidence.inRecovery ? undefined : aboutTable(run.parameters, evidence.tables);
          const said = about === undefined ? main : { ...main, lines: [about, ...main.lines] };
          return { ...ok(verdictText(said, others)), ...(main.next ? { next: main.next.step } : {}) };
        },
      },
      {
        id: 'holder',
        kind: 'act',
        language: 'plaintext',
        button: 'Act: end what holds it back…',
        heading:
          '## Act: end what holds vacuum back\n\nA session is chosen, shown and checked again before it is ended.',
        text: () =>
          'The oldest transaction first; slots, prepared transactions and standbys are named with who can end them',
        run: async (run) => endHolder(run, (await readEvidence(run)).holders, tools),
      },
      {
        id: 'vacuum',
        kind: 'act',
        language: 'sql',
        button: 'Act: vacuum or analyze a table…',
        heading:
          '## Act: vacuum or analyze\n\nOn a session of its own, without a limit of time. A notification shows how far it is and cancels it on the server; it goes on when this notebook is closed, and is found again after a reload.',
        text: ({ major }) =>
          (['usual', 'thorough', 'freeze', 'analyze'] as const)
            .map((way) => `${vacuumSql(way, table, major)};`)
            .join('\n'),
        run: (run) => actVacuum(run, tools),
      },
      {
        id: 'tune',
        kind: 'act',
        language: 'sql',
        button: 'Act: tune autovacuum of a table…',
        heading: '## Act: let autovacuum come earlier',
        text: () => `ALTER TABLE ${table} SET (autovacuum_enabled = on, autovacuum_vacuum_scale_factor = 0.01, …)`,
        run: (run) => actTune(run, tools),
      },
      {
        id: 'full',
        kind: 'act',
        language: 'sql',
        button: 'Act: VACUUM FULL of a table…',
        heading:
          '## Act, as the last resort: VACUUM FULL\n\n**Downtime for the table.** Only in a maintenance window, only where the bloat is measured (pgstattuple) and large, and with room for a copy. The name of the connection is typed on every server.',
        text: ({ major }) => `${vacuumSql('full', table, major)};`,
        run: (run) => actFull(run, tools),
      },
      { id: 'verify', kind: 'verify', language: 'sql', heading: '## Verify', text: tablesText, run: verify },
    ],
  };
}

async function readEvidence({ session, signal, parameters }: StepRun): Promise<VacuumEvidence> {
  const { major, seesAllSessions, database, inRecovery } = session.capabilities;
  return {
    holders: await session.read(horizonStatement, signal),
    tables: inRecovery ? [] : await session.read(vacuumTablesStatement(major, tableOf(parameters)), signal),
    running: await session.read(vacuumProgressStatement(major), signal),
    freeze: await session.read(freezeAgeStatement, signal),
    seesAll: seesAllSessions,
    inRecovery,
    database,
  };
}

/** The worst first; before it the one that the runbook is opened for. */
function tableChoices(tables: readonly VacuumTable[], about: number | null): readonly Choice<VacuumTable>[] {
  return tables
    .toSorted((a, b) => Number(b.oid === about) - Number(a.oid === about) || ratioOf(b) - ratioOf(a))
    .map((value) => ({
      label: tableLabel(value),
      description: `${formatInteger(value.dead)} dead rows counted, ${ratioOf(value).toFixed(1)} times its threshold · oldest row ${formatInteger(value.freezeAge)} transactions`,
      value,
    }));
}

async function actVacuum(run: StepRun, { prompts, work }: RunbookTools): Promise<StepResult> {
  const { capabilities } = run.session;
  const evidence = await readEvidence(run);
  const title = `Vacuum on ${run.profile.name}`;
  if (evidence.tables.length === 0) return ok('There is no table to vacuum here.');
  const chosen = await prompts.pick(
    title,
    tableChoices(evidence.tables, tableOf(run.parameters)),
    'Which table? The worst comes first',
  );
  if (!chosen) return ok('Nothing was done.');
  const choices = ways.map(([value, detail]) => ({
    label: vacuumSql(value, tableLabel(chosen), capabilities.major),
    detail,
    value,
  }));
  const way = await prompts.pick(title, choices, 'How? The next question shows the exact statement');
  if (!way) return ok('Nothing was done.');
  const holder = heldBackBy(evidence);
  const notes =
    holder && way !== 'analyze'
      ? [`${nameHolder(holder)} holds vacuum back: what was deleted since it began will stay.`]
      : [];
  const action = vacuumAction(chosen, way, capabilities.major, systemClock, notes);
  return outcomeResult(await work.run(run.profile, action, run.signal), { role: capabilities.user });
}

const ways: readonly (readonly [VacuumWay, string])[] = [
  ['usual', 'The usual one: it gives way where another session holds a lock'],
  ['thorough', 'Every index, with more workers and memory: quicker, and more load'],
  ['freeze', 'Against wraparound: the quickest way to a lower age, indexes are left'],
  ['analyze', 'Statistics for the planner only'],
];

async function actTune(run: StepRun, { prompts, gate }: RunbookTools): Promise<StepResult> {
  const { tables } = await readEvidence(run);
  const tunable = tables.filter((each) => tuneSql(each) !== undefined);
  if (tunable.length === 0) return ok('The options of every table are as they should be.');
  const choices = tableChoices(tunable, tableOf(run.parameters)).map((choice) => ({
    ...choice,
    detail: tuneSql(choice.value) ?? '',
  }));
  const chosen = await prompts.pick(`Vacuum on ${run.profile.name}`, choices, 'Which table?');
  const sql = chosen && tuneSql(chosen);
  if (!sql) return ok('Nothing was done.');
  const outcome = await gate.run(run.profile.id, tuneAction(chosen, sql), run.signal);
  return outcomeResult(outcome, { role: run.session.capabilities.user });
}

/** The server's block size is 8 kB but where it was built otherwise; the estimate is a ratio of pages. */
const pageBytes = 8192;

async function actFull(run: StepRun, tools: RunbookTools): Promise<StepResult> {
  const { prompts, work } = tools;
  const { capabilities } = run.session;
  const evidence = await readEvidence(run);
  const holder = heldBackBy(evidence);
  if (holder)
    return failed(
      `**Refused.** ${escapeMarkdown(`${nameHolder(holder)} holds vacuum back: VACUUM FULL would copy the dead rows too. End it first.`)}`,
    );
  const rows = await run.session.read(tableRowsStatement, run.signal);
  const estimates = rows
    .flatMap((row) => (row.table ? [{ facts: row.table, estimate: estimateTable(row.table, pageBytes, true) }] : []))
    .filter(({ estimate }) => (estimate.percent ?? 100) >= leastBloat)
    .toSorted((a, b) => (b.estimate.wastedBytes ?? 0) - (a.estimate.wastedBytes ?? 0));
  if (estimates.length === 0)
    return ok(`No table is estimated to be bloated by ${leastBloat} % or more: a rewrite would not pay.`);
  const choices = estimates.map(({ facts, estimate }) => ({
    label: tableLabel(facts),
    description: bloatWords(estimate.percent),
    ...(estimate.doubts[0] ? { detail: estimate.doubts[0].words } : {}),
    value: { facts, estimate },
  }));
  const chosen = await prompts.pick(
    `VACUUM FULL on ${run.profile.name}`,
    choices,
    'Which table is rewritten? It is locked',
  );
  if (!chosen) return ok('Nothing was done.');
  const { facts, estimate } = chosen;
  const gate = await measuredGate(facts, pageBytes, run, tools);
  if (gate.kind === 'backed-out') return ok('Nothing was done.');
  if (gate.kind === 'refused') return failed(`**Refused.** ${escapeMarkdown(gate.why)}`);
  const notes = [
    bloatWords(estimate.percent),
    ...estimate.doubts.map(({ words }) => words),
    ...gate.notes,
    ...(capabilities.extensions.has('pg_repack')
      ? [`pg_repack is installed in this database: pg_repack -t ${tableLabel(facts)} does the same without the lock.`]
      : []),
  ];
  const free = freeDiskOf(tools.snapshot(run.profile.id));
  const action = vacuumAction(facts, 'full', capabilities.major, systemClock, notes, free);
  return outcomeResult(await work.run(run.profile, action, run.signal), { role: capabilities.user });
}

function bloatWords(percent: number | null): string {
  return percent === null
    ? 'How much of it is bloat is not known.'
    : `About ${percent.toFixed(0)} % of it is bloat, by estimate.`;
}

async function verify(run: StepRun): Promise<StepResult> {
  const evidence = await readEvidence(run);
  const { main, others } = vacuumVerdict(evidence);
  const measures = vacuumMeasures(evidence);
  const compared = compareMeasures(before.get(run.memory), measures);
  if (allGood(measures)) return ok(`**Good again.**\n\n${compared}`);
  return failed(`${compared}\n\n${verdictText(main, others)}`);
}
