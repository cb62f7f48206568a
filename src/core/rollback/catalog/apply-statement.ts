import type { TreeNode } from '../../sql/grammar';
import { listOf, nodeOf } from '../tree';
import { applyAlter } from './apply-alter';
import { applySubcommand } from './apply-alter-table';
import { applyCreate } from './apply-create';
import { applyDrop } from './apply-drop';
import { applyPrivilege } from './apply-privileges';
import { applyRows } from './apply-rows';
import { createFromQuery } from './apply-tables';
import { canonical } from './canonical';
import type { Catalog } from './catalog';
import type { Cause } from './catalog-object';

/** Statements that leave nothing behind that an undo would have to take back. */
const passing = new Set([
  'AlterExtensionStmt',
  'CallStmt',
  'CheckPointStmt',
  'ClosePortalStmt',
  'ClusterStmt',
  'ConstraintsSetStmt',
  'DeallocateStmt',
  'DeclareCursorStmt',
  'DiscardStmt',
  'DoStmt',
  'ExecuteStmt',
  'ExplainStmt',
  'FetchStmt',
  'ListenStmt',
  'LoadStmt',
  'LockStmt',
  'NotifyStmt',
  'PrepareStmt',
  'RefreshMatViewStmt',
  'ReindexStmt',
  'TransactionStmt',
  'UnlistenStmt',
  'VacuumStmt',
  'VariableSetStmt',
  'VariableShowStmt',
]);

/** Applies a statement whose subcommands, if it has any, are told apart by `causes`: one for each, else one for all. */
export function applyStatement(catalog: Catalog, type: string, node: TreeNode, causes: readonly Cause[]): void {
  const [first] = causes;
  if (!first) return;
  catalog.at(first);
  if (type === 'AlterTableStmt') {
    for (const [index, item] of listOf(node, 'cmds').entries()) {
      catalog.at(causes[index] ?? first);
      applySubcommand(catalog, node, nodeOf(item, 'AlterTableCmd'));
    }
    return;
  }
  if (type === 'SelectStmt') {
    if (nodeOf(node, 'intoClause'))
      createFromQuery(catalog, nodeOf(node, 'intoClause'), { SelectStmt: node }, 'table', false);
    else applyRows(catalog, type, node);
    return;
  }
  const done =
    applyCreate(catalog, type, node, (inner, element) => applyStatement(catalog, inner, element, [first])) ||
    applyDrop(catalog, type, node) ||
    applyAlter(catalog, type, node) ||
    applyPrivilege(catalog, type, node) ||
    applyRows(catalog, type, node) ||
    passing.has(type);
  // Of a kind that is not told apart, only its like can be its inverse.
  if (!done) catalog.set(catalog.get('other', type, type), 'statement', canonical(node));
}
