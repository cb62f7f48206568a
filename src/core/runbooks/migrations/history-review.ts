import type { MigrationInfo, MigrationState } from '../../flyway/history-states';
import type { ProjectScripts } from '../../flyway/resolve-scripts';
import type { InstalledRow } from '../../flyway/read-history';
import { versionKey } from '../../flyway/version';
import { formatMilliseconds } from '../../format/numbers';
import { formatCount } from '../../format/quantities';
import { escapeMarkdown, inlineCode, markdownTable } from '../markdown';
import type { Verdict } from '../verdict';
import type { MigrationEvidence } from './migration-verdict';

export type ReviewCause = 'duplicate' | 'ignored' | 'out-of-order' | 'pending';

const scriptName = ({ script, row }: MigrationInfo): string =>
  script === undefined ? (row?.script ?? '') : script.path.slice(script.path.lastIndexOf('/') + 1);

function named(infos: readonly MigrationInfo[]): string {
  const first = infos.slice(0, 5).map(scriptName).join(', ');
  return infos.length > 5 ? `${first} and ${infos.length - 5} more` : first;
}

/** Versions that more than one script has: Flyway stops before it runs anything. */
export function duplicateVersions(project: ProjectScripts | undefined): readonly string[] {
  const found = new Map<string, string[]>();
  for (const { meaning, path } of project?.scripts ?? []) {
    if (meaning.kind !== 'versioned') continue;
    const key = versionKey(meaning.version);
    const name = path.slice(path.lastIndexOf('/') + 1);
    found.set(key, [...(found.get(key) ?? []), name]);
  }
  return [...found.values()].filter((names) => names.length > 1).map((names) => names.join(' and '));
}

/** What a review finds beside the failures that the verdict of migrations knows. */
export function reviewFindings({ states, project }: MigrationEvidence): readonly Verdict<ReviewCause>[] {
  if (!states) return [];
  const of = (state: MigrationState): readonly MigrationInfo[] => states.filter((info) => info.state === state);
  const duplicates = duplicateVersions(project);
  const [ignored, late, pending] = [of('Ignored'), of('Out of Order'), of('Pending')];
  return [
    ...(duplicates.length > 0
      ? [
          {
            cause: 'duplicate' as const,
            headline: `${formatCount(duplicates.length, 'version has', 'versions have')} more than one script: ${duplicates.slice(0, 3).join('; ')}`,
            lines: ['Flyway refuses to run. Give the newer one the next version.'],
          },
        ]
      : []),
    ...(ignored.length > 0
      ? [
          {
            cause: 'ignored' as const,
            headline: `${formatCount(ignored.length, 'script is', 'scripts are')} passed over: ${named(ignored)}`,
            lines: [
              'Their version is below the latest that was applied, and outOfOrder is off: they NEVER run, and validate stops. Give them a new version.',
            ],
          },
        ]
      : []),
    ...(pending.length > 0
      ? [
          {
            cause: 'pending' as const,
            headline: `${formatCount(pending.length, 'script waits', 'scripts wait')} for the next migrate: ${named(pending)}`,
            lines: ['By the scripts of this workspace. DB Ops: Lint Migrations says what they lock.'],
          },
        ]
      : []),
    ...(late.length > 0
      ? [
          {
            cause: 'out-of-order' as const,
            headline: `${formatCount(late.length, 'migration was', 'migrations were')} applied out of order: ${named(late)}`,
            lines: ['Another database may have them in another order: a schema that is built anew is built in theirs.'],
          },
        ]
      : []),
  ];
}

const slowest = 5;

/** The history in numbers: states, gaps, what took longest. */
export function reviewMarkdown({ histories, states, project }: MigrationEvidence): string {
  const rows = histories.flatMap(({ rows: all = [] }) => all);
  if (rows.length === 0) return 'There is no history to review, or it is hidden from this role.';
  return [statesTable(states), gapsLine(project), slowTable(rows)].filter((part) => part !== '').join('\n\n');
}

function statesTable(states: readonly MigrationInfo[] | undefined): string {
  if (!states)
    return 'No scripts of this history were found in the workspace: what is pending, edited or missing is not known.';
  const counts = new Map<string, number>();
  for (const { state } of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  const edited = states.filter((info) => info.edited && info.row?.success === true).length;
  const listed = [...counts].map(([state, count]) => [escapeMarkdown(state), String(count)]);
  return markdownTable(
    ['State', 'Migrations'],
    [...listed, ['edited since they ran', edited > 0 ? `**${edited}**` : '0']],
  );
}

/** A gap is nothing to Flyway; the guide asks for none. Whole versions only. */
function gapsLine(project: ProjectScripts | undefined): string {
  const numbers = (project?.scripts ?? [])
    .flatMap(({ meaning }) =>
      meaning.kind === 'versioned' && /^\d{1,6}$/.test(meaning.version.text) ? [Number(meaning.version.text)] : [],
    )
    .toSorted((a, b) => a - b);
  const gaps = numbers.flatMap((value, index) => {
    const before = numbers[index - 1];
    return before !== undefined && value > before + 1 ? [`${before} to ${value}`] : [];
  });
  if (gaps.length === 0) return '';
  return `Gaps between versions: ${gaps.slice(0, 10).join(', ')}. The guide wants none; Flyway does not need that, and a later script in a gap runs only with outOfOrder.`;
}

function slowTable(rows: readonly InstalledRow[]): string {
  const listed = rows
    .filter(({ success, executionMs }) => success && executionMs >= 1000)
    .toSorted((a, b) => b.executionMs - a.executionMs)
    .slice(0, slowest)
    .map(({ script, executionMs, installedOn }) => [
      inlineCode(script),
      formatMilliseconds(executionMs),
      escapeMarkdown(installedOn),
    ]);
  return listed.length === 0
    ? 'No migration took a second or more.'
    : markdownTable(['The slowest', 'Took', 'When'], listed);
}
