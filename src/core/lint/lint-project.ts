import type { CodeMigration } from '../flyway/code-migrations';
import type { FlywayConfig } from '../flyway/flyway-config';
import type { Dialect } from '../rollback/dialects/dialect';
import { UndoComparison } from '../rollback/undo-comparison';
import type { Grammar } from '../sql/grammar';
import { rules, type Finding, type FindingSeverity } from './finding';
import type { LintScript } from './lint-script';
import { ProjectReplay } from './project-replay';
import { allRules } from './rules/all-rules';
import { historyFindings, type AppliedState } from './rules/applied';
import { duplicates } from './rules/duplicates';
import { encoding } from './rules/encoding';
import { editedAfterApplied, outOfOrder, type BranchState } from './rules/branch';
import { scriptConfig } from './rules/script-config';
import { unknownPlaceholders } from './rules/flyway/unknown-placeholder';
import { skippedNames } from './rules/skipped-name';
import { undoMissing } from './rules/undo-missing';
import { undoWithoutVersioned } from './rules/undo-without-versioned';
import { rollbackFindings } from './rollback-findings';
import type { DatabaseFacts } from './script-context';
import { inFlywayOrder } from './script-order';
import { setsLockTimeout } from './session-defaults';
import { severitiesFor, type FolderRules, type RuleSeverities } from './settings-file';
import { applySuppressions } from './suppressions';

export interface LintOptions {
  readonly requireReason: boolean;
  /** Severity by rule id; `off` silences a rule. Ids that do not exist are ignored. */
  readonly severities: RuleSeverities;
  /** Folders whose files have severities of their own, relative to `root`. */
  readonly folders?: { readonly root: string; readonly rules: readonly FolderRules[] } | undefined;
  /** Paths of the scripts that have not been applied: the others are looked at for nothing but the schema they leave. */
  readonly pending?: ReadonlySet<string> | undefined;
  readonly database?: DatabaseFacts | undefined;
  /** What git's main branch holds: stands for what was applied where no database is asked. */
  readonly branch?: BranchState | undefined;
  /** What the history of a bound database says of the scripts. */
  readonly applied?: AppliedState | undefined;
  /** Migrations that are classes: their versions are taken. */
  readonly codeMigrations?: readonly CodeMigration[];
  /** Told before each script that is looked at. */
  readonly onScript?: ((at: number, of: number) => void) | undefined;
}

/** What a run keeps of a project, so that the next one begins where something has changed. */
export interface ProjectMemory {
  readonly replay: ProjectReplay;
  readonly comparison: UndoComparison;
  /** The grammar of the project's database, when that is not PostgreSQL and there is one. */
  readonly dialect?: Dialect | undefined;
}

/** A memory of nothing. */
export function newMemory(grammar: Grammar): ProjectMemory {
  return { replay: new ProjectReplay(allRules), comparison: new UndoComparison(grammar) };
}

/** The severities that count for each file, made once for each folder. */
function severitiesByPath({ severities, folders }: LintOptions): (path: string) => RuleSeverities {
  const known = new Map<string, RuleSeverities>();
  return (path) => {
    if (!folders) return severities;
    const folder = path.slice(0, path.lastIndexOf('/'));
    const found = known.get(folder) ?? severitiesFor(path, folders.root, severities, folders.rules);
    known.set(folder, found);
    return found;
  };
}

/** The severity that is configured for a rule, `off` for one that nobody asked for; else that of its findings counts. */
function severityOf(rule: string, severities: RuleSeverities): FindingSeverity | 'off' | undefined {
  return severities[rule] ?? ((rules as Readonly<Record<string, string>>)[rule] === 'off' ? 'off' : undefined);
}

/** Rules that are off everywhere, and need not be asked. */
function silentRules({ severities, folders }: LintOptions): Set<string> {
  const anywhere = [severities, ...(folders?.rules ?? []).map((folder) => ({ ...severities, ...folder.rules }))];
  return new Set(Object.keys(rules).filter((rule) => anywhere.every((one) => severityOf(rule, one) === 'off')));
}

/** What did not change stays the same object, by which the next run knows it. */
function withSeverity(finding: Finding, severity: FindingSeverity): Finding {
  return finding.severity === severity ? finding : { ...finding, severity };
}

/** Trees are some thirty times as large as their text: those of a larger project are made twice rather than kept. */
const longestProject = 2_000_000;

/** Whether the rules about rollback ask for the trees of scripts that the replay has asked for before. */
function asksAgain(scripts: readonly LintScript[]): boolean {
  let length = 0;
  for (const { text } of scripts) length += text.length;
  return (
    length <= longestProject && scripts.some(({ meaning }) => meaning.kind === 'undo' || meaning.kind === 'repeatable')
  );
}

/** All findings of one project, in the order of files and places. */
export function lintProject(
  scripts: readonly LintScript[],
  config: FlywayConfig,
  options: LintOptions,
  { replay, comparison, dialect }: ProjectMemory,
): Finding[] {
  const { pending, database, branch, applied, codeMigrations = [] } = options;
  const isPostgres = config.database.value === 'postgresql';
  const keepsTrees = isPostgres && asksAgain(scripts);
  const found = [
    ...skippedNames(scripts, config),
    ...scripts.flatMap(encoding),
    ...scripts.flatMap(scriptConfig),
    ...(applied ? historyFindings(scripts, applied) : []),
    ...(branch ? [...outOfOrder(scripts, config, branch), ...editedAfterApplied(scripts, branch)] : []),
    ...scripts.filter(({ path }) => pending?.has(path) ?? true).flatMap(unknownPlaceholders),
    ...duplicates(scripts, codeMigrations),
    ...(isPostgres
      ? replay.run(inFlywayOrder(scripts), {
          pending,
          database,
          silent: silentRules(options),
          sessionLockTimeout: setsLockTimeout(scripts, config),
          onScript: options.onScript,
          keepsTrees,
        })
      : []),
    ...(isPostgres ? undoMissing(scripts, config.naming) : []),
    ...undoWithoutVersioned(scripts, codeMigrations),
    ...rollbackFindings(scripts, config, comparison, dialect),
  ];
  if (keepsTrees) for (const script of scripts) script.forgetTrees();
  const byPath = new Map<string, Finding[]>();
  const severities = severitiesByPath(options);
  for (const finding of found) {
    const severity = severityOf(finding.rule, severities(finding.path)) ?? finding.severity;
    if (severity === 'off') continue;
    const others = byPath.get(finding.path);
    const kept = withSeverity(finding, severity);
    if (others) others.push(kept);
    else byPath.set(finding.path, [kept]);
  }
  return applySuppressions(scripts, byPath, options.requireReason)
    .flatMap((finding) => {
      const severity = severities(finding.path)[finding.rule] ?? finding.severity;
      return severity === 'off' ? [] : [withSeverity(finding, severity)];
    })
    .sort((a, b) => (a.path === b.path ? a.start - b.start : a.path < b.path ? -1 : 1));
}
