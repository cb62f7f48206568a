import type { TreeNode } from '../../sql/grammar';
import { flagOf, listOf, nodeOf, nodesOf, textOf } from '../tree';
import type { Catalog } from './catalog';
import { rangeKey } from './object-names';

/** Changes of rows, told apart only by what takes each back. */
const opposites: Readonly<Record<string, string>> = { inserted: 'deleted', deleted: 'inserted', updated: 'updated' };

/** Applies INSERT, UPDATE, DELETE, MERGE, COPY FROM and TRUNCATE; false when the statement is none of them. */
export function applyRows(catalog: Catalog, type: string, node: TreeNode): boolean {
  for (const cte of nodesOf(nodeOf(node, 'withClause'), 'ctes', 'CommonTableExpr')) {
    const [inner, query] = Object.entries(nodeOf(cte, 'ctequery') ?? {})[0] ?? [];
    if (inner !== undefined && inner !== 'SelectStmt') applyRows(catalog, inner, query as TreeNode);
  }
  switch (type) {
    case 'InsertStmt':
      change(catalog, nodeOf(node, 'relation'), 'inserted');
      if (textOf(nodeOf(node, 'onConflictClause'), 'action') === 'ONCONFLICT_UPDATE')
        change(catalog, nodeOf(node, 'relation'), 'updated');
      return true;
    case 'CopyStmt':
      if (flagOf(node, 'is_from')) change(catalog, nodeOf(node, 'relation'), 'inserted');
      return true;
    case 'UpdateStmt':
      if (!fillsNew(catalog, node)) change(catalog, nodeOf(node, 'relation'), 'updated');
      return true;
    case 'DeleteStmt':
      change(catalog, nodeOf(node, 'relation'), 'deleted');
      return true;
    case 'MergeStmt':
      for (const clause of nodesOf(node, 'mergeWhenClauses', 'MergeWhenClause')) {
        const command = textOf(clause, 'commandType');
        if (command === 'CMD_INSERT') change(catalog, nodeOf(node, 'relation'), 'inserted');
        if (command === 'CMD_UPDATE') change(catalog, nodeOf(node, 'relation'), 'updated');
        if (command === 'CMD_DELETE') change(catalog, nodeOf(node, 'relation'), 'deleted');
      }
      return true;
    case 'TruncateStmt':
      for (const item of listOf(node, 'relations')) change(catalog, nodeOf(item, 'RangeVar'), 'deleted');
      return true;
    default:
      return false;
  }
}

/** Whether an UPDATE writes only columns that the same script adds. */
function fillsNew(catalog: Catalog, node: TreeNode): boolean {
  const table = catalog.find('relation', rangeKey(nodeOf(node, 'relation')) ?? '');
  const columns = nodesOf(node, 'targetList', 'ResTarget').map((target) => textOf(target, 'name') ?? '');
  return (
    table !== undefined &&
    columns.every((name) => {
      const column = catalog.find('column', name, table);
      return column !== undefined && catalog.isNew(column);
    })
  );
}

/** In an undo, the opposite of what the V script did takes it back; in a V script it is one change more. */
function change(catalog: Catalog, range: TreeNode | undefined, what: string): void {
  const key = rangeKey(range);
  if (key === undefined || textOf(range, 'relpersistence') === 't') return;
  const table = catalog.get('relation', key, 'table');
  // Rows of a table that the same script makes come and go with it.
  if (catalog.isNew(table)) return;
  const opposite = `rows ${opposites[what] ?? what}`;
  const present = table.facets.get(opposite);
  if (catalog.now.side === 'undo' && present?.value === 'yes' && catalog.isSet(table, opposite))
    catalog.set(table, opposite, '');
  else if (catalog.now.side !== 'before') catalog.set(table, `rows ${what}`, 'yes');
}
