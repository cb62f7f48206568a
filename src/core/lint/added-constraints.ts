import { nodeOf, textOf } from '../rollback/tree';
import type { TreeNode } from '../sql/grammar';
import type { Impact } from './impact/impact';
import type { StatementContext } from './statement-context';

/** The ADD CONSTRAINT subcommands of these types on a table that is in use. */
export function addedConstraints(
  context: StatementContext,
  ...types: readonly string[]
): { readonly impact: Impact; readonly constraint: TreeNode; readonly table: string }[] {
  const table = context.keyIn();
  if (table === undefined || context.script.isNewTable(table)) return [];
  return context.commands('AT_AddConstraint').flatMap((impact) => {
    const constraint = nodeOf(nodeOf(impact.command, 'def'), 'Constraint') ?? {};
    return types.includes(textOf(constraint, 'contype') ?? '') ? [{ impact, constraint, table }] : [];
  });
}
