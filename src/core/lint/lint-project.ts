import type { FlywayConfig } from '../flyway/flyway-config';
import { rules, type Finding, type FindingSeverity } from './finding';
import type { LintScript } from './lint-script';
import { ProjectReplay } from './project-replay';
import { allRules } from './rules/all-rules';
import { duplicates } from './rules/duplicates';
import { encoding } from './rules/encoding';
import { skippedNames } from './rules/skipped-name';
import { undoMissing } from './rules/undo-missing';
import { undoWithoutVersioned } from './rules/undo-without-versioned';
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
}

/**
 * All findings of one project, in the order of files and places. `replay` is that of the project's last run, which makes
 * this one begin where something has changed.
 */
export function lintProject(
  scripts: readonly LintScript[],
  config: FlywayConfig,
  options: LintOptions,
  replay = new ProjectReplay(allRules),
): Finding[] {
  const { pending, database } = options;
  const sessionLockTimeout = setsLockTimeout(scripts);
  const found = [
    ...skippedNames(scripts, config),
    ...scripts.flatMap(encoding),
    ...duplicates(scripts),
    ...replay.run(inFlywayOrder(scripts), { pending, database, sessionLockTimeout }),
    ...undoMissing(scripts, config.naming),
    ...undoWithoutVersioned(scripts),
  ];
  const byPath = new Map<string, Finding[]>();
  for (const finding of found) {
    const severity = options.severities[finding.rule] ?? (rules[finding.rule] === 'off' ? 'off' : finding.severity);
    if (severity === 'off') continue;
    const others = byPath.get(finding.path);
    if (others) others.push({ ...finding, severity });
    else byPath.set(finding.path, [{ ...finding, severity }]);
  }
  return scripts
    .flatMap((script) => applySuppressions(script, byPath.get(script.path) ?? [], options.requireReason))
    .flatMap((finding) => {
      const severity = options.severities[finding.rule] ?? finding.severity;
      return severity === 'off' ? [] : [{ ...finding, severity }];
    })
    .sort((a, b) => (a.path === b.path ? a.start - b.start : a.path < b.path ? -1 : 1));
}
