import type { FlywayConfig } from '../flyway/flyway-config';
import type { Dialect } from '../rollback/dialects/dialect';
import type { Effect } from '../rollback/effect';
import { resolveTypes } from '../rollback/resolve-types';
import { ColumnTypes } from '../rollback/schema-fact';
import type { UndoComparison } from '../rollback/undo-comparison';
import type { Finding } from './finding';
import type { LintScript } from './lint-script';
import { comparedUndo } from './rules/rollback/compared-undo';
import { emptyUndo } from './rules/rollback/empty-undo';
import { irreversible } from './rules/rollback/irreversible';
import { otherDatabases } from './rules/rollback/other-databases';
import { repeatableTrap } from './rules/rollback/repeatable-trap';
import { baselinedVersion, chainEnds, undoNotRun } from './rules/rollback/undo-chain';
import { undoStatements, writesHistory } from './rules/rollback/undo-statements';
import { undoPairs } from './undo-pairs';

/** What is wrong with the undo scripts of a project, those that are missing left out. */
export function rollbackFindings(
  scripts: readonly LintScript[],
  config: FlywayConfig,
  comparison: UndoComparison,
  dialect: Dialect | undefined,
): Finding[] {
  const hygiene = [...baselinedVersion(scripts, config), ...undoNotRun(scripts, config), ...writesHistory(scripts)];
  const pairs = undoPairs(scripts);
  // What is in a script that cannot be read is not known: nothing is said of it, nor of what belongs to it.
  const read = pairs.filter(({ versioned, undo }) => !versioned.isUnreadable && undo?.isUnreadable !== true);
  // Only PostgreSQL's grammar is known well enough to compare statements.
  if (config.database.value !== 'postgresql')
    return [...hygiene, ...chainEnds(pairs), ...otherDatabases(scripts, read, config, dialect)];
  const types = new ColumnTypes();
  const graded = new Map<LintScript, readonly Effect[]>();
  for (const { versioned } of pairs) graded.set(versioned, resolveTypes(versioned.effects, types));
  return [
    ...hygiene,
    ...chainEnds(pairs),
    ...emptyUndo(read),
    ...comparedUndo(pairs, comparison),
    ...irreversible(read, (script) => graded.get(script) ?? []),
    ...undoStatements(read),
    ...repeatableTrap(scripts),
  ];
}
