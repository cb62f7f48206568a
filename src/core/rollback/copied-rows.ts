import type { TreeNode } from '../sql/grammar';
import type { CopiedColumns, ScriptMemory } from './script-memory';
import { flagOf, listOf, nodeOf, relationOf, textOf, type RelationName } from './tree';

interface ReadTable {
  readonly table: RelationName;
  readonly alias: string;
}

/**
 * Remembers what a query copies into a table: whole rows with `*`, else the columns it names. A query that counts, groups,
 * limits or selects nothing makes no copy.
 */
export function rememberCopy(select: TreeNode | undefined, target: RelationName, memory: ScriptMemory): void {
  if (!select || makesNoCopy(select)) return;
  const tables = listOf(select, 'fromClause').flatMap(tablesOf);
  const named = new Map<string, Set<string>>();
  for (const item of listOf(select, 'targetList')) {
    const fields = listOf(nodeOf(nodeOf(nodeOf(item, 'ResTarget'), 'val'), 'ColumnRef'), 'fields');
    const last = fields.at(-1);
    const qualifier = fields.length > 1 ? textOf(nodeOf(fields.at(-2), 'String'), 'sval') : undefined;
    const from = tables.filter(({ alias }) => qualifier === undefined || alias === qualifier);
    if (last && 'A_Star' in last) for (const { table } of from) memory.copied(table, 'all', target);
    const column = textOf(nodeOf(last, 'String'), 'sval');
    const only = from[0];
    if (column !== undefined && only && from.length === 1)
      named.set(only.alias, (named.get(only.alias) ?? new Set()).add(column));
  }
  for (const { table, alias } of tables) {
    const columns: CopiedColumns = named.get(alias) ?? new Set();
    if (columns.size > 0) memory.copied(table, columns, target);
  }
}

function makesNoCopy(select: TreeNode): boolean {
  const condition = nodeOf(nodeOf(select, 'whereClause'), 'A_Const');
  const never = condition !== undefined && !flagOf(nodeOf(condition, 'boolval'), 'boolval');
  return (
    never ||
    nodeOf(select, 'limitCount') !== undefined ||
    listOf(select, 'groupClause').length > 0 ||
    listOf(select, 'distinctClause').length > 0
  );
}

function tablesOf(item: TreeNode): ReadTable[] {
  const range = nodeOf(item, 'RangeVar');
  const table = relationOf(range);
  if (table) return [{ table, alias: textOf(nodeOf(range, 'alias'), 'aliasname') ?? table.name }];
  const join = nodeOf(item, 'JoinExpr');
  return ['larg', 'rarg'].flatMap((side) => {
    const inner = nodeOf(join, side);
    return inner ? tablesOf(inner) : [];
  });
}
