import type { TreeNode } from '../sql/grammar';
import { rememberCopy } from './copied-rows';
import { calledFunctions } from './function-calls';
import { hardest, irreversible, nothing, ofOwn, reversible, unknown, type PlainEffect } from './plain-effect';
import type { ScriptMemory } from './script-memory';
import { listOf, nodeOf, relationOf, textOf, type RelationName } from './tree';

const dataStatements = ['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'];

/** SELECT, INSERT, UPDATE, DELETE, MERGE, TRUNCATE, and what stands in their WITH clauses. */
export function classifyData(type: string, node: TreeNode, memory: ScriptMemory): PlainEffect {
  if (type === 'TruncateStmt') return truncated(node, memory);
  const inner = listOf(nodeOf(node, 'withClause'), 'ctes').map((item) => nodeOf(item, 'CommonTableExpr'));
  const moved = type === 'InsertStmt' ? movedRows(node, inner) : undefined;
  const effects = inner.map((cte) => {
    const query = nodeOf(cte, 'ctequery') ?? {};
    const [kind, statement] = Object.entries(query)[0] ?? ['', undefined];
    if (moved !== undefined && textOf(cte, 'ctename') === moved)
      return reversible('moves rows from one table to another');
    return dataStatements.includes(kind) ? classifyData(kind, statement as TreeNode, memory) : nothing;
  });
  return hardest([...effects, direct(type, node, memory)]);
}

function direct(type: string, node: TreeNode, memory: ScriptMemory): PlainEffect {
  if (type === 'SelectStmt') return selected(node);
  const table = relationOf(nodeOf(node, 'relation')) ?? { schema: undefined, name: '?' };
  const columns = listOf(node, 'targetList').map((item) => textOf(nodeOf(item, 'ResTarget'), 'name') ?? '');
  switch (type) {
    case 'InsertStmt':
      return inserted(node, table, memory);
    case 'UpdateStmt':
      if (columns.length > 0 && columns.every((column) => memory.isOwnColumn(table, column)))
        return ofOwn(`fills columns of ${table.name} that the script adds`);
      return overwritten(`overwrites ${columns.join(', ')} of ${table.name}`, table, memory, columns);
    case 'DeleteStmt':
      return overwritten(`deletes rows of ${table.name}`, table, memory);
    case 'MergeStmt': {
      const commands = listOf(node, 'mergeWhenClauses').map((item) =>
        textOf(nodeOf(item, 'MergeWhenClause'), 'commandType'),
      );
      return commands.some((command) => command === 'CMD_UPDATE' || command === 'CMD_DELETE')
        ? overwritten(`merges into ${table.name} and overwrites or deletes rows`, table, memory)
        : inserted(node, table, memory);
    }
    default:
      return nothing;
  }
}

function overwritten(
  what: string,
  table: RelationName,
  memory: ScriptMemory,
  columns?: readonly string[],
): PlainEffect {
  if (memory.isOwn(table)) return ofOwn(what);
  if (memory.hasCopy(table, columns)) return reversible(`${what}, of which the script keeps a copy`);
  return irreversible(`${what}, of which the script keeps no copy`);
}

function inserted(node: TreeNode, table: RelationName, memory: ScriptMemory): PlainEffect {
  rememberCopy(nodeOf(nodeOf(node, 'selectStmt'), 'SelectStmt'), table, memory);
  if (textOf(nodeOf(node, 'onConflictClause'), 'action') === 'ONCONFLICT_UPDATE')
    return overwritten(`inserts rows into ${table.name} or overwrites those that are there`, table, memory);
  return memory.isOwn(table) ? ofOwn(`inserts rows into ${table.name}`) : reversible(`inserts rows into ${table.name}`);
}

/** `WITH moved AS (DELETE … RETURNING *) INSERT INTO … SELECT * FROM moved`: the name of `moved`. */
function movedRows(insert: TreeNode, ctes: readonly (TreeNode | undefined)[]): string | undefined {
  const select = nodeOf(nodeOf(insert, 'selectStmt'), 'SelectStmt');
  const from = listOf(select, 'fromClause');
  const source = from.length === 1 ? relationOf(nodeOf(from[0], 'RangeVar')) : undefined;
  const cte = ctes.find((item) => textOf(item, 'ctename') === source?.name);
  const returned = listOf(nodeOf(nodeOf(cte, 'ctequery'), 'DeleteStmt'), 'returningList');
  // PostgreSQL 18 keeps the list inside a clause of its own.
  const clause = nodeOf(nodeOf(nodeOf(cte, 'ctequery'), 'DeleteStmt'), 'returningClause');
  const all = [...returned, ...listOf(clause, 'exprs')];
  return source && nodeOf(select, 'whereClause') === undefined && isStar(all) && isStar(listOf(select, 'targetList'))
    ? source.name
    : undefined;
}

function isStar(targets: readonly TreeNode[]): boolean {
  const field = listOf(nodeOf(nodeOf(nodeOf(targets[0], 'ResTarget'), 'val'), 'ColumnRef'), 'fields').at(-1);
  return targets.length === 1 && field !== undefined && 'A_Star' in field;
}

function truncated(node: TreeNode, memory: ScriptMemory): PlainEffect {
  const tables = listOf(node, 'relations').flatMap((item) => relationOf(nodeOf(item, 'RangeVar')) ?? []);
  const names = tables.map((table) => table.name).join(', ');
  const cascade = textOf(node, 'behavior') === 'DROP_CASCADE';
  if (tables.every((table) => memory.isOwn(table))) return ofOwn(`empties ${names}`);
  if (!cascade && tables.every((table) => memory.isOwn(table) || memory.hasCopy(table)))
    return reversible(`empties ${names}, of which the script keeps a copy`);
  return irreversible(`empties ${names}${cascade ? ' and every table that refers to it' : ''}`);
}

/** A SELECT changes nothing by itself, but a function it calls may. */
function selected(node: TreeNode): PlainEffect {
  const called = calledFunctions(node);
  if (called.unknown !== undefined) return unknown(`calls the function ${called.unknown}, which cannot be looked into`);
  return called.movesSequence ? unknown('moves a sequence, whose position before is not kept') : nothing;
}
