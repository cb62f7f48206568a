import type { LintScript } from './lint-script';
import type { AppliedState } from './rules/applied';
import { pendingOn, type BranchState } from './rules/branch';

/**
 * Whether a versioned script has run, as far as a database's history or git's main branch tells. Flyway compares its checksum
 * from then on, comments included: whoever changes it, or its name, makes validate stop.
 */
export function isSettled(
  script: LintScript,
  applied: AppliedState | undefined,
  branch: BranchState | undefined,
): boolean {
  const { kind } = script.meaning;
  if (kind !== 'versioned' && kind !== 'baseline') return false;
  if (applied) return !applied.pending.has(script.path);
  return branch !== undefined && !pendingOn([script], branch).has(script.path);
}
