import type { LintScript } from './lint-script';
import type { AppliedState } from './rules/applied';
import { pendingOn, type BranchState } from './rules/branch';

/**
 * What tells that a versioned script has run: a database's history, or git's main branch, which stands for one. Flyway
 * compares its checksum from then on, comments included, so whoever changes it makes validate stop.
 */
export function settledBy(
  script: LintScript,
  applied: AppliedState | undefined,
  branch: BranchState | undefined,
): 'database' | 'branch' | undefined {
  const { kind } = script.meaning;
  if (kind !== 'versioned' && kind !== 'baseline') return undefined;
  if (applied) return applied.pending.has(script.path) ? undefined : 'database';
  return branch && !pendingOn([script], branch).has(script.path) ? 'branch' : undefined;
}
