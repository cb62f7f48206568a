import type { TreeNode } from '../sql/grammar';
import { quoteIdentifier } from '../sql/identifier';
import { classifyCreate, classifySelectInto, isOfOwnColumn } from './effect-of-create';
import { classifyData } from './effect-of-data';
import { classifyDrop } from './effect-of-drop';
import { irreversible, nothing, ofOwn, reversible, unknown, type PlainEffect } from './plain-effect';
import { relationKey, type ScriptMemory } from './script-memory';
import { flagOf, listOf, namesOf, nodeOf, relationOf, sqlName, textOf, type RelationName } from './tree';

/** Statements that leave nothing behind in the schema or the data. */
const harmless = new Set([
  'VariableSetStmt',
  'VariableShowStmt',
  'TransactionStmt',
  'VacuumStmt',
  'NotifyStmt',
  'ListenStmt',
  'UnlistenStmt',
  'CheckPointStmt',
  'LockStmt',
  'RefreshMatViewStmt',
  'PrepareStmt',
  'DeallocateStmt',
  'DiscardStmt',
  'ReindexStmt',
  'ClusterStmt',
  'ConstraintsSetStmt',
  'DeclareCursorStmt',
  'FetchStmt',
  'ClosePortalStmt',
  'LoadStmt',
]);

/** What a statement does that is not ALTER TABLE. `memory` is what the script has done before it. */
export function classifyStatement(type: string, node: TreeNode, memory: ScriptMemory): PlainEffect {
  if (harmless.has(type)) return nothing;
  const create = classifyCreate(type, node, memory);
  if (create) return create;
  switch (type) {
    case 'SelectStmt':
      return classifySelectInto(node, memory) ?? classifyData(type, node, memory);
    case 'InsertStmt':
    case 'UpdateStmt':
    case 'DeleteStmt':
    case 'MergeStmt':
    case 'TruncateStmt':
      return classifyData(type, node, memory);
    case 'DropStmt':
      return classifyDrop(node, memory);
    case 'DropdbStmt':
    case 'DropOwnedStmt':
    case 'DropTableSpaceStmt':
      return irreversible('drops a database, a tablespace or all that a role owns');
    case 'CopyStmt':
      return copied(node, memory);
    case 'CallStmt':
      return unknown('calls a procedure, which cannot be looked into');
    case 'ExecuteStmt':
      return unknown('runs a prepared statement, which cannot be looked into');
    case 'ExplainStmt':
      return explained(node, memory);
    case 'AlterExtensionStmt':
      return unknown(`updates the extension ${textOf(node, 'extname') ?? ''}, and not every update has a way back`);
    case 'AlterSeqStmt':
      return sequence(node, memory);
    case 'AlterEnumStmt':
      return textOf(node, 'oldVal') === undefined
        ? irreversible(`adds the value ${textOf(node, 'newVal') ?? ''} to an enum, which cannot be taken out again`)
        : reversible('renames a value of an enum');
    case 'RenameStmt':
      return renamed(node, memory);
    case 'GrantStmt':
    case 'CommentStmt': {
      const word = type === 'GrantStmt' ? (flagOf(node, 'is_grant') ? 'grants' : 'revokes') : 'comments on';
      return isOfOwn(type, node, memory)
        ? ofOwn(`${word} what the script creates`)
        : reversible(type === 'GrantStmt' ? `${word} privileges` : 'changes a comment');
    }
    default:
      return reversible(`runs ${sqlWords(type)}`);
  }
}

/** `AlterObjectSchemaStmt` → ALTER OBJECT SCHEMA. */
function sqlWords(type: string): string {
  return type
    .replace(/Stmt$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase();
}

function copied(node: TreeNode, memory: ScriptMemory): PlainEffect {
  const table = relationOf(nodeOf(node, 'relation'));
  if (!flagOf(node, 'is_from') || !table) return nothing;
  const what = `loads rows into ${table.name}`;
  return memory.isOwn(table) ? ofOwn(what) : unknown(`${what}, which nothing tells apart from those before`);
}

/** EXPLAIN ANALYZE runs the statement. */
function explained(node: TreeNode, memory: ScriptMemory): PlainEffect {
  const runs = listOf(node, 'options').some((item) => textOf(nodeOf(item, 'DefElem'), 'defname') === 'analyze');
  const [type, query] = Object.entries(nodeOf(node, 'query') ?? {})[0] ?? [];
  return runs && type !== undefined ? classifyStatement(type, query as TreeNode, memory) : nothing;
}

function sequence(node: TreeNode, memory: ScriptMemory): PlainEffect {
  const name = relationOf(nodeOf(node, 'sequence'));
  const options = listOf(node, 'options').map((item) => nodeOf(item, 'DefElem'));
  // Dropped with the table that owns it: a DROP SEQUENCE of its own would fail then.
  if (name && isOfOwnColumn(node, memory)) {
    memory.gone('SEQUENCE', name);
    return ofOwn(`gives the sequence ${name.name} to what the script adds`);
  }
  return options.some((option) => textOf(option, 'defname') === 'restart')
    ? unknown(`restarts the sequence ${name?.name ?? ''}, whose position before is not kept`)
    : reversible(`alters the sequence ${name?.name ?? ''}`);
}

function isOfOwn(type: string, node: TreeNode, memory: ScriptMemory): boolean {
  if (type === 'GrantStmt') {
    const tables = listOf(node, 'objects').map((item) => relationOf(nodeOf(item, 'RangeVar')));
    return tables.length > 0 && tables.every((table) => table !== undefined && memory.isOwn(table));
  }
  const names = namesOf(listOf(nodeOf(nodeOf(node, 'object'), 'List'), 'items'));
  const kind = textOf(node, 'objtype');
  if (kind === 'OBJECT_TABLE') return memory.isOwn(relationOfNames(names));
  return kind === 'OBJECT_COLUMN' && memory.isOwnColumn(relationOfNames(names.slice(0, -1)), names.at(-1) ?? '');
}

function relationOfNames(names: readonly string[]): RelationName {
  return { schema: names.at(-2), name: names.at(-1) ?? '' };
}

function renamed(node: TreeNode, memory: ScriptMemory): PlainEffect {
  const kind = textOf(node, 'renameType');
  const relation = relationOf(nodeOf(node, 'relation'));
  const to = textOf(node, 'newname');
  if (!relation || to === undefined) return reversible('renames something');
  const from = textOf(node, 'subname');
  const table = relationKey(relation);
  // With IF EXISTS nothing may have been renamed: the inverse would be wrong then.
  const certain = !flagOf(node, 'missing_ok');
  if (kind === 'OBJECT_TABLE') {
    const effect = reversible(
      `renames the table ${relation.name}`,
      certain
        ? `ALTER TABLE ${sqlName({ ...relation, name: to })} RENAME TO ${quoteIdentifier(relation.name)}`
        : undefined,
    );
    memory.renamed(relation, to);
    return { ...effect, facts: [{ kind: 'table-renamed', table, to: relationKey({ ...relation, name: to }) }] };
  }
  if (kind === 'OBJECT_COLUMN' && from !== undefined) {
    const what = `renames the column ${relation.name}.${from}`;
    const facts = [{ kind: 'column-renamed', table, column: from, to } as const];
    if (memory.isOwn(relation)) return { ...ofOwn(what), facts };
    const undo = `ALTER TABLE ${sqlName(relation)} RENAME COLUMN ${quoteIdentifier(to)} TO ${quoteIdentifier(from)}`;
    return { ...reversible(what, certain ? undo : undefined), facts };
  }
  return reversible(`renames a part of ${relation.name}`);
}
