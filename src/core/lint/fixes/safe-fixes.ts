import { phrase } from '../../format/phrase';
import type { FlywayConfig } from '../../flyway/flyway-config';
import type { Finding, RuleId } from '../finding';
import { folderOf, type ProjectFix } from './project-fix';

/** Rules whose first fix leaves the same schema behind, and asks nobody for anything. */
const safeRules: ReadonlySet<RuleId> = new Set<RuleId>([
  'safety/lock-timeout',
  'safety/set-outlives-transaction',
  'safety/transaction-control',
  'safety/foreign-key-not-valid',
  'safety/check-not-valid',
  'safety/validate-in-same-transaction',
  'flyway/out-of-order',
  'lint/unused-suppression',
]);

/** Whether a fix of a rule may be written without a person who looks at it. */
export function hasSafeFix({ rule, fix, severity }: Finding, config: FlywayConfig): boolean {
  // An undo that is certain in all it does; where Flyway runs none there is no use in one.
  if (fix?.kind === 'create-undo')
    return severity === 'hint' && config.distribution.value !== 'open-source' && fix.certain;
  return fix?.kind === 'rename' || safeRules.has(rule);
}

/** What a finding brings with it, as a change of the project. */
export function ownFix({ path, fix }: Finding): ProjectFix | undefined {
  if (fix?.kind === 'rename')
    return {
      title: phrase('Rename to {0}', fix.to),
      edits: [],
      files: [],
      renames: [{ from: path, to: `${folderOf(path)}/${fix.to}` }],
    };
  if (fix?.kind === 'create-undo')
    return {
      title: phrase('Create {0}', fix.name),
      edits: [],
      files: [{ path: `${folderOf(path)}/${fix.name}`, text: fix.text }],
      renames: [],
    };
  return undefined;
}
