import type { FlywayConfig } from '../flyway/flyway-config';
import { UndoComparison } from '../rollback/undo-comparison';
import type { Grammar } from '../sql/grammar';
import { rules, type Finding, type FindingSeverity } from './finding';
import type { LintScript } from './lint-script';
import { ProjectReplay } from './project-replay';
import { allRules } from './rules/all-rules';
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
import { applySuppressions } from './suppressions';

export interface LintOptions {
  readonly requireReason: boolean;
  /** Severity by rule id; `off` silences a rule. Ids that do not exist are ignored. */
  readonly severities: Readonly<Record<string, FindingSeverity | 'off'>>;
  /** Paths of the scripts that have not been applied: the others are looked at for nothing but the schema they leave. */
  readonly pending?: ReadonlySet<string> | undefined;
  readonly database?: DatabaseFacts | undefined;
  /** What git's main branch holds: stands for what was applied where no database is asked. */
  readonly branch?: BranchState | undefined;
}

/** What a run keeps of a project, so that the next one begins where something has changed. */
export interface ProjectMemory {
  readonly replay: ProjectReplay;
  readonly comparison: UndoComparison;
}

/** A memory of nothing. */
export function newMemory(grammar: Grammar): ProjectMemory {
  return { replay: new ProjectReplay(allRules), comparison: new UndoComparison(grammar) };
}

/** The severity that is configured for a rule, `off` for one that nobody asked for; else that of its findings counts. */
function severityOf(rule: string, { severities }: LintOptions): FindingSeverity | 'off' | undefined {
  return severities[rule] ?? ((rules as Readonly<Record<string, string>>)[rule] === 'off' ? 'off' : undefined);
}

/** All findings of one project, in the order of files and places. */
export function lintProject(
  scripts: readonly LintScript[],
  config: FlywayConfig,
  options: LintOptions,
  { replay, comparison }: ProjectMemory,
): Finding[] {
  const { pending, database, branch } = options;
  const isPostgres = config.database.value === 'postgresql';
  const found = [
    ...skippedNames(scripts, config),
    ...scripts.flatMap(encoding),
    ...scripts.flatMap(scriptConfig),
    ...(branch ? [...outOfOrder(scripts, config, branch), ...editedAfterApplied(scripts, branch)] : []),
    ...scripts.filter(({ path }) => pending?.has(path) ?? true).flatMap(unknownPlaceholders),
    ...duplicates(scripts),
    ...(isPostgres
      ? replay.run(inFlywayOrder(scripts), {
          pending,
          database,
          silent: new Set(Object.keys(rules).filter((rule) => severityOf(rule, options) === 'off')),
          sessionLockTimeout: setsLockTimeout(scripts),
        })
      : []),
    ...undoMissing(scripts, config.naming),
    ...undoWithoutVersioned(scripts),
    ...rollbackFindings(scripts, config, comparison),
  ];
  const byPath = new Map<string, Finding[]>();
  for (const finding of found) {
    const severity = severityOf(finding.rule, options) ?? finding.severity;
    if (severity === 'off') continue;
    const others = byPath.get(finding.path);
    if (others) others.push({ ...finding, severity });
    else byPath.set(finding.path, [{ ...finding, severity }]);
  }
  return applySuppressions(scripts, byPath, options.requireReason)
    .flatMap((finding) => {
      const severity = options.severities[finding.rule] ?? finding.severity;
      return severity === 'off' ? [] : [{ ...finding, severity }];
    })
    .sort((a, b) => (a.path === b.path ? a.start - b.start : a.path < b.path ? -1 : 1));
}
