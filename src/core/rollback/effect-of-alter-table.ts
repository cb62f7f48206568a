import { quoteIdentifier } from '../sql/identifier';
import type { TreeNode } from '../sql/grammar';
import { irreversible, nothing, ofOwn, reversible, unknown, type PlainEffect } from './plain-effect';
import { relationKey, type ScriptMemory } from './script-memory';
import { flagOf, listOf, nodeOf, nodesOf, relationOf, sqlName, textOf, type RelationName } from './tree';
import { typeNameOf } from './type-name';

/** One effect for each subcommand, in their order. Also for ALTER INDEX, VIEW, TYPE …, which share the tree. */
export function classifyAlterTable(node: TreeNode, memory: ScriptMemory): PlainEffect[] {
  const relation = relationOf(nodeOf(node, 'relation')) ?? { schema: undefined, name: '?' };
  const kind = textOf(node, 'objtype') ?? 'OBJECT_TABLE';
  // With IF EXISTS the table may not be there, and then nothing is to undo.
  const certain = !flagOf(node, 'missing_ok');
  return listOf(node, 'cmds').map((item) => {
    const command = nodeOf(item, 'AlterTableCmd');
    const effect = kind === 'OBJECT_TABLE' ? ofTable(command, relation, memory) : ofOther(command, relation, kind);
    if (memory.isOwn(relation) && !refersToLater(command, memory)) return { ...effect, reversibility: 'none' };
    return certain ? effect : { ...effect, undo: undefined };
  });
}

/** A foreign key between two tables of the script must go before either of them. */
function refersToLater(command: TreeNode | undefined, memory: ScriptMemory): boolean {
  const definition = nodeOf(command, 'def');
  const constraints = [
    nodeOf(definition, 'Constraint'),
    ...nodesOf(nodeOf(definition, 'ColumnDef'), 'constraints', 'Constraint'),
  ];
  return constraints.some((constraint) => {
    const target = relationOf(nodeOf(constraint, 'pktable'));
    return target !== undefined && memory.isOwn(target);
  });
}

function ofOther(command: TreeNode | undefined, relation: RelationName, kind: string): PlainEffect {
  // An attribute of a composite type: the columns of that type lose it.
  if (kind === 'OBJECT_TYPE' && textOf(command, 'subtype') === 'AT_DropColumn')
    return irreversible(
      `drops the attribute ${relationKey(relation)}.${textOf(command, 'name') ?? '?'} of a type, in every column of it`,
    );
  return reversible(`alters ${relationKey(relation)}`);
}

function ofTable(command: TreeNode | undefined, relation: RelationName, memory: ScriptMemory): PlainEffect {
  const subtype = textOf(command, 'subtype') ?? '';
  const name = textOf(command, 'name');
  const table = `ALTER TABLE ${sqlName(relation)}`;
  const column = name === undefined ? undefined : `${table} ALTER COLUMN ${quoteIdentifier(name)}`;
  const place = `${relationKey(relation)}${name === undefined ? '' : `.${name}`}`;
  switch (subtype) {
    case 'AT_DropColumn':
      return dropped(relation, name ?? '?', memory);
    case 'AT_AlterColumnType':
      return retyped(command, relation, name ?? '?');
    case 'AT_AddColumn':
      return added(command, relation, memory);
    case 'AT_AddConstraint':
      return constrained(command, relation, memory);
    case 'AT_SetNotNull':
      if (name !== undefined && memory.isOwnColumn(relation, name)) return ofOwn(`makes ${place} NOT NULL`);
      return reversible(`makes ${place} NOT NULL`, column && `${column} DROP NOT NULL`);
    case 'AT_DropNotNull':
      return reversible(`lets ${place} be NULL`);
    case 'AT_ColumnDefault':
      return name !== undefined && memory.isOwnColumn(relation, name)
        ? ofOwn(`changes the default of ${place}`)
        : reversible(`changes the default of ${place}`);
    case 'AT_DropConstraint':
      return reversible(`drops the constraint ${name ?? ''} of ${relationKey(relation)}`);
    case 'AT_AddIdentity':
      return reversible(`makes ${place} an identity column`, column && `${column} DROP IDENTITY`);
    case 'AT_DropIdentity':
    case 'AT_DropExpression':
      return reversible(`changes how ${place} gets its values`);
    case 'AT_EnableRowSecurity':
      return reversible(
        `turns on row level security of ${relationKey(relation)}`,
        `${table} DISABLE ROW LEVEL SECURITY`,
      );
    case 'AT_DisableRowSecurity':
      return reversible(
        `turns off row level security of ${relationKey(relation)}`,
        `${table} ENABLE ROW LEVEL SECURITY`,
      );
    case 'AT_ValidateConstraint':
      return { ...nothing, what: `validates a constraint of ${relationKey(relation)}` };
    default:
      return reversible(`alters ${relationKey(relation)}`);
  }
}

function dropped(relation: RelationName, column: string, memory: ScriptMemory): PlainEffect {
  const what = `drops the column ${relationKey(relation)}.${column}`;
  const facts = [{ kind: 'no-column', table: relationKey(relation), column } as const];
  if (memory.isOwnColumn(relation, column)) return { ...reversible(`${what}, which it has added itself`), facts };
  if (memory.hasCopy(relation, [column])) return { ...reversible(`${what}, of which the script keeps a copy`), facts };
  return { ...irreversible(`${what} and its data`), facts };
}

function retyped(command: TreeNode | undefined, relation: RelationName, column: string): PlainEffect {
  const definition = nodeOf(nodeOf(command, 'def'), 'ColumnDef');
  const type = typeNameOf(nodeOf(definition, 'typeName'));
  const effect = unknown(
    `changes the type of ${relationKey(relation)}.${column}, and no script here tells the type before`,
  );
  if (type === undefined) return effect;
  const table = relationKey(relation);
  const computed = isComputed(nodeOf(definition, 'raw_default'), column);
  return {
    ...effect,
    facts: [{ kind: 'column', table, column, type }],
    retyped: { table, column, type, shown: sqlName(relation), computed },
  };
}

/** Whether USING does more than to cast the column. */
function isComputed(expression: TreeNode | undefined, column: string): boolean {
  if (!expression) return false;
  const operand = nodeOf(nodeOf(expression, 'TypeCast'), 'arg') ?? expression;
  const field = listOf(nodeOf(operand, 'ColumnRef'), 'fields').at(-1);
  return textOf(nodeOf(field, 'String'), 'sval') !== column;
}

function added(command: TreeNode | undefined, relation: RelationName, memory: ScriptMemory): PlainEffect {
  const definition = nodeOf(nodeOf(command, 'def'), 'ColumnDef');
  const column = textOf(definition, 'colname') ?? '?';
  const type = typeNameOf(nodeOf(definition, 'typeName'));
  const what = `adds the column ${relationKey(relation)}.${column}`;
  const facts = type === undefined ? [] : [{ kind: 'column', table: relationKey(relation), column, type } as const];
  // With IF NOT EXISTS the column may have been there before: dropping it could destroy what V did not make.
  if (flagOf(command, 'missing_ok')) return { ...reversible(what), facts };
  memory.addedColumn(relation, column);
  return { ...reversible(what, `ALTER TABLE ${sqlName(relation)} DROP COLUMN ${quoteIdentifier(column)}`), facts };
}

function constrained(command: TreeNode | undefined, relation: RelationName, memory: ScriptMemory): PlainEffect {
  const definition = nodeOf(nodeOf(command, 'def'), 'Constraint');
  // An index that it takes over goes with it.
  const index = textOf(definition, 'indexname');
  if (index !== undefined) memory.gone('INDEX', { schema: relation.schema, name: index });
  const name = textOf(definition, 'conname');
  // A primary key sets NOT NULL, which stays when the constraint goes.
  const primary = textOf(definition, 'contype') === 'CONSTR_PRIMARY';
  return reversible(
    `adds ${name === undefined ? 'a constraint' : `the constraint ${name}`} to ${relationKey(relation)}`,
    name === undefined || primary
      ? undefined
      : `ALTER TABLE ${sqlName(relation)} DROP CONSTRAINT ${quoteIdentifier(name)}`,
  );
}
