import { formatPercent } from '../../format/numbers';
import { formatBytes, formatDuration } from '../../format/quantities';
import { duplicateIndexesStatement } from '../../health/checks/duplicate-indexes';
import { invalidIndexesStatement } from '../../health/checks/invalid-indexes';
import { unusedIndexesStatement } from '../../health/checks/unused-indexes';
import type { Choice } from '../../ports/prompts';
import { estimateIndex } from '../../reports/bloat/estimate-index';
import { indexRowsStatement } from '../../reports/bloat/index-rows';
import { Kept } from '../kept';
import { escapeMarkdown, fenced, markdownTable } from '../markdown';
import { allGood, compareMeasures, type Measure } from '../measures';
import { outcomeResult } from '../outcome-result';
import type { RunbookTools } from '../registry';
import { failed, ok, type Runbook, type Step, type StepResult, type StepRun } from '../runbook';
import { verdictText } from '../verdict';
import { dropIndexAction, reindexAction, type NamedIndex } from './index-actions';
import { indexBuildsStatement, indexFactsStatement, oldTransactionsStatement } from './index-list';
import { indexMeasures, indexVerdict, isBloated, shortestStatisticsS, type IndexEvidence } from './reindex-verdict';

const why = `# Index Maintenance

**When:** indexes are bloated, a concurrent build has failed, or writes pay for indexes that nobody reads.

\`REINDEX … CONCURRENTLY\` lets reads and writes go on, but it waits for every older transaction, and when it fails it leaves
an invalid index (\`_ccnew\`, \`_ccold\`) that every write maintains. So: no old transactions first, room for a copy, no
limit of time, and the leftovers looked at afterwards.

The guide measures bloat by the visibility map, which indexes do not have: here it is estimated from the statistics. Its
list of unused indexes holds primary keys; here only those are in it that do nothing but serve queries.`;

const before = new Kept<readonly Measure[]>();

/** The runbook of the guide's "Index Maintenance". */
export function reindex(tools: RunbookTools): Runbook {
  const diagnose = (id: string, heading: string, text: string, show: (evidence: IndexEvidence) => string): Step => ({
    id,
    kind: 'diagnose',
    language: 'sql',
    heading,
    text: () => text.trim(),
    run: async (run) => ok(show(await readEvidence(run))),
  });
  return {
    id: 'reindex',
    version: 1,
    title: 'Reindex',
    level: 'L2',
    steps: [
      { id: 'why', kind: 'why', language: 'markdown', text: () => why },
      diagnose('invalid', '## Invalid indexes and leftovers', invalidIndexesStatement.text, invalidMarkdown),
      diagnose('builds', '## Builds at work, and whom they wait for', indexBuildsStatement.text, buildsMarkdown),
      diagnose('old', '## Transactions that CONCURRENTLY would wait for', oldTransactionsStatement.text, oldMarkdown),
      diagnose('bloat', '## Bloat of b-trees, by estimate', indexRowsStatement.text, bloatMarkdown),
      diagnose('duplicates', '## Indexes that repeat another', duplicateIndexesStatement.text, duplicatesMarkdown),
      diagnose('unused', '## Indexes never used on this server', unusedIndexesStatement.text, unusedMarkdown),
      {
        id: 'verdict',
        kind: 'verdict',
        language: 'plaintext',
        heading: '## Verdict',
        text: () => 'What is wrong with the indexes, and the next step',
        run: async (run) => {
          const evidence = await readEvidence(run);
          const { main, others } = indexVerdict(evidence);
          before.set(run.memory, indexMeasures(evidence));
          return { ...ok(verdictText(main, others)), ...(main.next ? { next: main.next.step } : {}) };
        },
      },
      {
        id: 'rebuild',
        kind: 'act',
        language: 'sql',
        button: 'Act: rebuild an index…',
        heading:
          '## Act: rebuild an index\n\nOn a session of its own, without a limit of time. A notification shows how far it is, whom it waits for, and cancels it on the server.',
        text: () => 'REINDEX INDEX CONCURRENTLY schema.index;',
        run: (run) => rebuild(run, tools),
      },
      {
        id: 'drop',
        kind: 'act',
        language: 'sql',
        button: 'Act: drop an index…',
        heading:
          '## Act: drop a leftover, a duplicate or an unused index\n\nThe statement that makes it again is shown and stays in this record.',
        text: () => '-- to make it again: CREATE INDEX …\nDROP INDEX CONCURRENTLY schema.index;',
        run: (run) => drop(run, tools),
      },
      {
        id: 'verify',
        kind: 'verify',
        language: 'sql',
        heading: '## Verify',
        text: () => invalidIndexesStatement.text.trim(),
        run: verify,
      },
    ],
  };
}

/** The server's block size but where it was built otherwise; the estimate is a ratio of pages. */
const pageBytes = 8192;

async function readEvidence({ session, signal }: StepRun): Promise<IndexEvidence> {
  const { major, seesAllSessions, inRecovery } = session.capabilities;
  const unused = await session.read(unusedIndexesStatement, signal);
  const names = unused.map(({ index }) => index);
  const facts = names.length === 0 ? [] : await session.read(indexFactsStatement(names, major), signal);
  const rows = inRecovery ? [] : await session.read(indexRowsStatement, signal);
  return {
    inRecovery,
    seesAll: seesAllSessions,
    invalid: await session.read(invalidIndexesStatement, signal),
    builds: await session.read(indexBuildsStatement, signal),
    old: await session.read(oldTransactionsStatement, signal),
    bloated: rows
      .flatMap(({ index }) =>
        index ? [{ ...index, bytes: index.pages * pageBytes, estimate: estimateIndex(index, pageBytes, true) }] : [],
      )
      .filter(isBloated)
      .toSorted((a, b) => (b.estimate.wastedBytes ?? 0) - (a.estimate.wastedBytes ?? 0)),
    duplicates: inRecovery ? [] : await session.read(duplicateIndexesStatement, signal),
    unused: facts.filter(({ statisticsS }) => statisticsS >= shortestStatisticsS),
  };
}

function invalidMarkdown({ invalid }: IndexEvidence): string {
  if (invalid.length === 0) return 'No index is invalid.';
  const rows = invalid.map(({ schema, index, table }) => [escapeMarkdown(`${schema}.${index}`), escapeMarkdown(table)]);
  return markdownTable(['Invalid index', 'Table'], rows);
}

function buildsMarkdown({ builds }: IndexEvidence): string {
  if (builds.length === 0) return 'No index is being built.';
  const rows = builds.map((build) => [
    String(build.pid),
    escapeMarkdown(build.command),
    escapeMarkdown(build.name),
    escapeMarkdown(build.phase),
    build.part === null ? 'not told' : formatPercent(100 * build.part),
    build.lockerPid === null ? 'nobody' : `session ${build.lockerPid}`,
  ]);
  return markdownTable(['Session', 'Command', 'Index', 'Phase', 'Done', 'Waits for'], rows);
}

function oldMarkdown({ old, seesAll }: IndexEvidence): string {
  if (!seesAll) return '**Transactions of others are hidden from this role:** grant it `pg_monitor`.';
  if (old.length === 0) return 'No transaction has been open for long.';
  const rows = old.map(({ pid, who, openS }) => [String(pid), escapeMarkdown(who), formatDuration(openS)]);
  return markdownTable(['Session', 'Who', 'Open for'], rows);
}

function bloatMarkdown({ bloated }: IndexEvidence): string {
  if (bloated.length === 0) return 'No index is estimated to be bloated by 30 % or more.';
  const rows = bloated
    .slice(0, 20)
    .map((index) => [
      escapeMarkdown(`${index.schema}.${index.name}`),
      escapeMarkdown(index.table),
      formatBytes(index.bytes),
      `${(index.estimate.percent ?? 0).toFixed(0)} %`,
      escapeMarkdown(index.estimate.doubts[0]?.words ?? ''),
    ]);
  return markdownTable(['Index', 'Table', 'Size', 'Bloat', 'Doubt'], rows);
}

function duplicatesMarkdown({ duplicates }: IndexEvidence): string {
  if (duplicates.length === 0) return 'No index repeats another.';
  const rows = duplicates.map(({ schema, index, table, other, exact, bytes }) => [
    escapeMarkdown(`${schema}.${index}`),
    escapeMarkdown(table),
    `${exact ? 'repeats' : 'is the beginning of'} ${escapeMarkdown(other)}`,
    formatBytes(bytes),
  ]);
  return markdownTable(['Index', 'Table', 'Why', 'Size'], rows);
}

function unusedMarkdown({ unused }: IndexEvidence): string {
  if (unused.length === 0)
    return 'None that can be told: one is listed after a week of statistics without a scan, and only where it serves nothing but queries.';
  const rows = unused.map((index) => [
    escapeMarkdown(`${index.schema}.${index.index}`),
    escapeMarkdown(index.table),
    formatBytes(index.bytes),
    `at least ${formatDuration(index.statisticsS)}`,
  ]);
  return [
    markdownTable(['Index', 'Table', 'Size', 'Counted for'], rows),
    'Only this server counts here: a standby counts its own scans. To make them again:',
    fenced(unused.map(({ definition }) => `${definition};`).join('\n'), 'sql'),
  ].join('\n\n');
}

async function rebuild(run: StepRun, { prompts, work }: RunbookTools): Promise<StepResult> {
  const { capabilities } = run.session;
  const { bloated } = await readEvidence(run);
  if (bloated.length === 0) return ok('No index is estimated to be bloated by 30 % or more: a rebuild would not pay.');
  const chosen = await prompts.pick<NamedIndex>(
    `Reindex on ${run.profile.name}`,
    bloated.map((index) => ({
      label: `${index.schema}.${index.name}`,
      description: `${formatBytes(index.bytes)}, about ${(index.estimate.percent ?? 0).toFixed(0)} % bloat`,
      ...(index.estimate.doubts[0] ? { detail: index.estimate.doubts[0].words } : {}),
      value: { oid: index.oid, schema: index.schema, name: index.name },
    })),
    'Which index? The next question shows the exact statement',
  );
  if (!chosen) return ok('Nothing was done.');
  const outcome = await work.run(run.profile, reindexAction(chosen, capabilities.major), run.signal);
  return outcomeResult(outcome, { role: capabilities.user });
}

async function drop(run: StepRun, { prompts, work }: RunbookTools): Promise<StepResult> {
  const { capabilities } = run.session;
  const { invalid, duplicates, unused } = await readEvidence(run);
  const reasons = new Map<string, string>([
    ...unused.map(({ schema, index }) => [`${schema}.${index}`, 'never used on this server'] as const),
    ...duplicates.map(({ schema, index, other }) => [`${schema}.${index}`, `superfluous beside ${other}`] as const),
    ...invalid.map(({ schema, index }) => [`${schema}.${index}`, 'invalid: no query uses it'] as const),
  ]);
  if (reasons.size === 0) return ok('There is no leftover, no duplicate and no unused index to drop.');
  const facts = await run.session.read(indexFactsStatement([...reasons.keys()], capabilities.major), run.signal);
  const choices = facts
    .toSorted((a, b) => Number(a.valid) - Number(b.valid))
    .map((fact): Choice<{ index: NamedIndex; why: string }> => {
      const label = `${fact.schema}.${fact.index}`;
      const reason = reasons.get(label) ?? '';
      const index = { oid: fact.oid, schema: fact.schema, name: fact.index };
      const value = { index, why: `Why: ${reason}.` };
      return { label, description: `${reason} · ${formatBytes(fact.bytes)}`, detail: fact.definition, value };
    });
  const chosen = await prompts.pick(
    `Drop an index on ${run.profile.name}`,
    choices,
    'Which index? Leftovers come first',
  );
  if (!chosen) return ok('Nothing was done.');
  const action = dropIndexAction(chosen.index, chosen.why, capabilities.major);
  return outcomeResult(await work.run(run.profile, action, run.signal), { role: capabilities.user });
}

async function verify(run: StepRun): Promise<StepResult> {
  const evidence = await readEvidence(run);
  const measures = indexMeasures(evidence);
  const compared = compareMeasures(before.get(run.memory), measures);
  if (allGood(measures)) return ok(`**Good again.**\n\n${compared}`);
  const { main, others } = indexVerdict(evidence);
  return failed(`${compared}\n\n${verdictText(main, others)}`);
}
