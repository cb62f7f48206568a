import { formatPercent } from '../../format/numbers';
import { formatBytes, formatCount, formatDuration } from '../../format/quantities';
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
import { firstOf, indexParameter } from './index-parameter';
import {
  indexMeasures,
  indexVerdict,
  hiddenWords,
  isBloated,
  isHidden,
  openDuplicates,
  shortestStatisticsS,
  standbysAsked,
  type IndexEvidence,
} from './reindex-verdict';
import { scansOnStandbys, usersOf } from './standby-scans';

const why = `# Index Maintenance

**When:** indexes are bloated, a concurrent build has failed, or writes pay for indexes that nobody reads.

\`REINDEX … CONCURRENTLY\` lets reads and writes go on, but it waits for every older transaction, and when it fails it leaves
an invalid index (\`_ccnew\`, \`_ccold\`) that every write maintains. So: no old transactions first, room for a copy, no
limit of time, and the leftovers looked at afterwards.

The guide measures bloat by the visibility map, which indexes do not have: here it is estimated from the statistics. Its
list of unused indexes holds primary keys; here only those are in it that do nothing but serve queries.`;

const before = new Kept<readonly Measure[]>();
/** Duplicates that are to stay, by schema and name, with the reason. */
const keptDuplicates = new Kept<ReadonlyMap<string, string>>();

/** The runbook of the guide's "Index Maintenance". */
export function reindex(tools: RunbookTools): Runbook {
  const diagnose = (id: string, heading: string, text: string, show: (evidence: IndexEvidence) => string): Step => ({
    id,
    kind: 'diagnose',
    language: 'sql',
    heading,
    text: () => text.trim(),
    run: async (run) => ok(show(await readEvidence(run, tools))),
  });
  return {
    id: 'reindex',
    version: 1,
    title: 'Reindex',
    level: 'L2',
    parameters: [indexParameter],
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
          const evidence = await readEvidence(run, tools);
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
        id: 'keep',
        kind: 'act',
        language: 'plaintext',
        button: 'Act: keep a duplicate…',
        heading:
          '## Act: keep a duplicate by decision\n\nNothing is changed. The decision and its reason stay in this record, and Verify counts it as decided while this notebook is open.',
        text: () => 'A duplicate that is to stay, and why',
        run: (run) => keep(run, tools),
      },
      {
        id: 'verify',
        kind: 'verify',
        language: 'sql',
        heading: '## Verify',
        text: () => invalidIndexesStatement.text.trim(),
        run: (run) => verify(run, tools),
      },
    ],
  };
}

/** The server's block size but where it was built otherwise; the estimate is a ratio of pages. */
const pageBytes = 8192;

async function readEvidence(run: StepRun, tools: RunbookTools): Promise<IndexEvidence> {
  const { session, signal } = run;
  const { major, seesAllSessions, inRecovery } = session.capabilities;
  const unused = await session.read(unusedIndexesStatement, signal);
  const names = unused.map(({ index }) => index);
  const facts = names.length === 0 ? [] : await session.read(indexFactsStatement(names, major), signal);
  const counted = facts.filter(({ statisticsS }) => statisticsS >= shortestStatisticsS);
  const standbys = inRecovery ? [] : await scansOnStandbys(run, counted.map(nameOf), tools);
  const rows = inRecovery ? [] : await session.read(indexRowsStatement, signal);
  const estimated = rows.flatMap(({ index }) =>
    index ? [{ ...index, bytes: index.pages * pageBytes, estimate: estimateIndex(index, pageBytes, true) }] : [],
  );
  return {
    inRecovery,
    seesAll: seesAllSessions,
    invalid: await session.read(invalidIndexesStatement, signal),
    builds: await session.read(indexBuildsStatement, signal),
    old: await session.read(oldTransactionsStatement, signal),
    hidden: estimated.filter(isHidden).length,
    bloated: estimated
      .filter(isBloated)
      .toSorted((a, b) => (b.estimate.wastedBytes ?? 0) - (a.estimate.wastedBytes ?? 0)),
    duplicates: inRecovery ? [] : await session.read(duplicateIndexesStatement, signal),
    unused: counted.filter((index) => usersOf(nameOf(index), standbys).length === 0),
    usedElsewhere: counted
      .map((index) => ({ index: nameOf(index), users: usersOf(nameOf(index), standbys) }))
      .filter(({ users }) => users.length > 0),
    standbys,
    walsenders: unused[0]?.standbys ?? 0,
    kept: keptDuplicates.get(run.memory) ?? new Map(),
  };
}

function nameOf({ schema, index }: { readonly schema: string; readonly index: string }): string {
  return `${schema}.${index}`;
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

function bloatMarkdown({ bloated, hidden }: IndexEvidence): string {
  const unknown =
    hidden === 0
      ? ''
      : `Of ${formatCount(hidden, 'index', 'indexes')} it is **not known**. ${escapeMarkdown(hiddenWords)}`;
  if (bloated.length === 0) return ['No index is estimated to be bloated by 30 % or more.', unknown].join(' ').trim();
  const rows = bloated
    .slice(0, 20)
    .map((index) => [
      escapeMarkdown(`${index.schema}.${index.name}`),
      escapeMarkdown(index.table),
      formatBytes(index.bytes),
      `${(index.estimate.percent ?? 0).toFixed(0)} %`,
      escapeMarkdown(index.estimate.doubts[0]?.words ?? ''),
    ]);
  return [markdownTable(['Index', 'Table', 'Size', 'Bloat', 'Doubt'], rows), unknown].join('\n\n').trim();
}

function duplicatesMarkdown({ duplicates, kept }: IndexEvidence): string {
  if (duplicates.length === 0) return 'No index repeats another.';
  const rows = duplicates.map(({ schema, index, table, other, exact, bytes }) => {
    const reason = kept.get(`${schema}.${index}`);
    return [
      escapeMarkdown(`${schema}.${index}`),
      escapeMarkdown(table),
      `${exact ? 'repeats' : 'is the beginning of'} ${escapeMarkdown(other)}`,
      formatBytes(bytes),
      reason === undefined ? '' : `kept: ${escapeMarkdown(reason)}`,
    ];
  });
  return markdownTable(['Index', 'Table', 'Why', 'Size', 'Decision'], rows);
}

function unusedMarkdown({ unused, usedElsewhere, standbys, walsenders }: IndexEvidence): string {
  const elsewhere =
    usedElsewhere.length === 0
      ? []
      : [
          '**Never used here, and needed by a standby:**',
          usedElsewhere
            .map(({ index, users }) => `- ${escapeMarkdown(index)}: ${users.map(escapeMarkdown).join(', ')}`)
            .join('\n'),
        ];
  if (unused.length === 0)
    return [
      'None that can be told: one is listed after a week of statistics without a scan, and only where it serves nothing but queries.',
      ...elsewhere,
    ].join('\n\n');
  const rows = unused.map((index) => [
    escapeMarkdown(`${index.schema}.${index.index}`),
    escapeMarkdown(index.table),
    formatBytes(index.bytes),
    `at least ${formatDuration(index.statisticsS)}`,
  ]);
  return [
    markdownTable(['Index', 'Table', 'Size', 'Counted for'], rows),
    escapeMarkdown(standbysAsked(standbys, walsenders)),
    ...elsewhere,
    'To make them again:',
    fenced(unused.map(({ definition }) => `${definition};`).join('\n'), 'sql'),
  ].join('\n\n');
}

async function rebuild(run: StepRun, tools: RunbookTools): Promise<StepResult> {
  const { prompts, work } = tools;
  const { capabilities } = run.session;
  const { bloated, hidden } = await readEvidence(run, tools);
  if (bloated.length === 0)
    return hidden === 0
      ? ok('No index is estimated to be bloated by 30 % or more: a rebuild would not pay.')
      : failed(
          `Whether ${formatCount(hidden, 'index is', 'indexes are')} bloated is not known. ${escapeMarkdown(hiddenWords)}`,
        );
  const chosen = await prompts.pick<NamedIndex>(
    `Reindex on ${run.profile.name}`,
    firstOf(run.parameters, bloated, ({ oid }) => oid).map((index) => ({
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

async function drop(run: StepRun, tools: RunbookTools): Promise<StepResult> {
  const { prompts, work } = tools;
  const { capabilities } = run.session;
  const evidence = await readEvidence(run, tools);
  const { invalid, unused } = evidence;
  const reasons = new Map<string, string>([
    ...unused.map(
      ({ schema, index }) =>
        [`${schema}.${index}`, standbysAsked(evidence.standbys, evidence.walsenders).replace(/\.$/, '')] as const,
    ),
    ...openDuplicates(evidence).map(
      ({ schema, index, other }) => [`${schema}.${index}`, `superfluous beside ${other}`] as const,
    ),
    ...invalid.map(({ schema, index }) => [`${schema}.${index}`, 'invalid: no query uses it'] as const),
  ]);
  if (reasons.size === 0) return ok('There is no leftover, no duplicate and no unused index to drop.');
  const facts = await run.session.read(indexFactsStatement([...reasons.keys()], capabilities.major), run.signal);
  const sorted = facts.toSorted((a, b) => Number(a.valid) - Number(b.valid));
  const choices = firstOf(run.parameters, sorted, ({ oid }) => oid).map(
    (fact): Choice<{ index: NamedIndex; why: string }> => {
      const label = `${fact.schema}.${fact.index}`;
      const reason = reasons.get(label) ?? '';
      const index = { oid: fact.oid, schema: fact.schema, name: fact.index };
      const value = { index, why: `Why: ${reason}.` };
      return { label, description: `${reason} · ${formatBytes(fact.bytes)}`, detail: fact.definition, value };
    },
  );
  const chosen = await prompts.pick(
    `Drop an index on ${run.profile.name}`,
    choices,
    'Which index? Leftovers come first',
  );
  if (!chosen) return ok('Nothing was done.');
  const action = dropIndexAction(chosen.index, chosen.why, capabilities.major);
  return outcomeResult(await work.run(run.profile, action, run.signal), { role: capabilities.user });
}

async function keep(run: StepRun, tools: RunbookTools): Promise<StepResult> {
  const { prompts } = tools;
  const open = openDuplicates(await readEvidence(run, tools));
  if (open.length === 0) return ok('No index repeats another that is not decided on.');
  const chosen = await prompts.pick(
    `Keep a Duplicate on ${run.profile.name}`,
    open.map((one) => ({ label: nameOf(one), description: `beside ${one.other}`, value: one })),
    'Which one is to stay?',
  );
  if (!chosen) return ok('Nothing was decided.');
  const reason = await prompts.input({
    title: `Keep ${nameOf(chosen)}`,
    prompt: 'Why it is to stay; it is written into this record',
    validate: (typed) => (typed.trim() === '' ? 'A reason, so that the next one need not ask.' : undefined),
  });
  if (reason === undefined) return ok('Nothing was decided.');
  keptDuplicates.set(run.memory, new Map([...(keptDuplicates.get(run.memory) ?? []), [nameOf(chosen), reason.trim()]]));
  return ok(
    `**Kept by decision:** ${escapeMarkdown(nameOf(chosen))}, beside ${escapeMarkdown(chosen.other)}. ${escapeMarkdown(reason)}`,
  );
}

async function verify(run: StepRun, tools: RunbookTools): Promise<StepResult> {
  const evidence = await readEvidence(run, tools);
  const measures = indexMeasures(evidence);
  const compared = compareMeasures(before.get(run.memory), measures);
  if (allGood(measures)) return ok(`**Good again.**\n\n${compared}`);
  const { main, others } = indexVerdict(evidence);
  return failed(`${compared}\n\n${verdictText(main, others)}`);
}
