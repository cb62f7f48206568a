import type { TreeNode } from '../sql/grammar';
import { irreversible, ofOwn, reversible, type PlainEffect } from './plain-effect';
import { relationKey, type ScriptMemory } from './script-memory';
import { listOf, namesOf, nodeOf, textOf, type RelationName } from './tree';

/** Kinds that hold data of their own. */
const holdsData = new Set(['OBJECT_TABLE', 'OBJECT_SCHEMA', 'OBJECT_DATABASE']);

/** Kinds that columns may depend on: dropped with CASCADE, the columns and their data go too. */
const columnsDependOn = new Set(['OBJECT_TYPE', 'OBJECT_DOMAIN', 'OBJECT_EXTENSION', 'OBJECT_COLLATION']);

/** DROP of anything but a column. */
export function classifyDrop(node: TreeNode, memory: ScriptMemory): PlainEffect {
  const kind = textOf(node, 'removeType') ?? '';
  const cascade = textOf(node, 'behavior') === 'DROP_CASCADE';
  const objects = listOf(node, 'objects').map(nameOfObject);
  const shown = objects.map((parts) => parts.join('.')).join(', ');
  const what = `drops the ${kindName(kind)} ${shown}`;
  if (kind === 'OBJECT_TABLE') {
    const tables = objects.map(relationOfParts);
    const facts = tables.map((table) => ({ kind: 'no-table', table: relationKey(table) }) as const);
    for (const table of tables) if (memory.isOwn(table)) memory.gone('TABLE', table);
    if (tables.every((table) => memory.isOwn(table))) return { ...ofOwn(what), facts };
    if (tables.every((table) => memory.isOwn(table) || memory.hasCopy(table)))
      return { ...reversible(`${what}, of which the script keeps a copy`), facts };
    return { ...irreversible(`${what} and its data`), facts };
  }
  if (holdsData.has(kind)) return irreversible(`${what} and its data`);
  if (cascade && columnsDependOn.has(kind))
    return irreversible(`${what} with CASCADE, and with it every column that depends on it`);
  return reversible(what);
}

/** `OBJECT_FOREIGN_TABLE` → foreign table; PostgreSQL's parser writes MATVIEW and TSDICTIONARY together. */
function kindName(kind: string): string {
  const name = kind.replace('OBJECT_', '').toLowerCase();
  if (name === 'matview') return 'materialized view';
  return name.replace(/^ts(?=[a-z])/, 'text search ').replaceAll('_', ' ');
}

/** The names of `a.b`, of a function, of a type, of a trigger on its table. */
function nameOfObject(item: TreeNode): string[] {
  const single = textOf(nodeOf(item, 'String'), 'sval');
  if (single !== undefined) return [single];
  const list = listOf(nodeOf(item, 'List'), 'items');
  if (list.length > 0) return namesOf(list);
  const routine = listOf(nodeOf(item, 'ObjectWithArgs'), 'objname');
  return namesOf(routine.length > 0 ? routine : listOf(nodeOf(item, 'TypeName'), 'names'));
}

function relationOfParts(parts: readonly string[]): RelationName {
  return { schema: parts.at(-2), name: parts.at(-1) ?? '?' };
}
