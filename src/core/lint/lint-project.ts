import type { FlywayConfig } from '../flyway/flyway-config';
import type { Finding, FindingSeverity } from './finding';
import type { LintScript } from './lint-script';
import { duplicates } from './rules/duplicates';
import { encoding } from './rules/encoding';
import { skippedNames } from './rules/skipped-name';
import { undoMissing } from './rules/undo-missing';
import { undoWithoutVersioned } from './rules/undo-without-versioned';
import { applySuppressions } from './suppressions';

export interface LintOptions {
  readonly requireReason: boolean;
  /** Severity by rule id; `off` silences a rule. Ids that do not exist are ignored. */
  readonly severities: Readonly<Record<string, FindingSeverity | 'off'>>;
}

/** All findings of one project, in the order of files and places. */
export function lintProject(scripts: readonly LintScript[], config: FlywayConfig, options: LintOptions): Finding[] {
  const found = [
    ...skippedNames(scripts, config),
    ...scripts.flatMap(encoding),
    ...duplicates(scripts),
    ...undoMissing(scripts, config.naming),
    ...undoWithoutVersioned(scripts),
  ];
  const byPath = new Map<string, Finding[]>();
  for (const finding of found) byPath.set(finding.path, [...(byPath.get(finding.path) ?? []), finding]);
  return scripts
    .flatMap((script) => applySuppressions(script, byPath.get(script.path) ?? [], options.requireReason))
    .flatMap((finding) => {
      const severity = options.severities[finding.rule] ?? finding.severity;
      return severity === 'off' ? [] : [{ ...finding, severity }];
    })
    .sort((a, b) => (a.path === b.path ? a.start - b.start : a.path < b.path ? -1 : 1));
}
