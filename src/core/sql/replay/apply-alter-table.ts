import { flagOf, listOf, namesOf, nodeOf, relationOf, textOf } from '../../rollback/tree';
import { typeNameOf } from '../../rollback/type-name';
import type { TreeNode } from '../grammar';
import { linkPartition, optionsOf } from './apply-create-table';
import {
  addConstraint,
  changeColumn,
  changeRelation,
  putColumn,
  removeColumn,
  removeConstraint,
  schemaPrefix,
  unlinkPartition,
} from './change-relation';
import { columnOf } from './column-definition';
import { constraintOf } from './constraint-definition';
import type { Schema } from './schema';
import { keyOf, written, type StatementScope } from './scope';
import { subcommandPlaces } from './subcommand-places';

/** All subcommands of an ALTER TABLE, and of ALTER VIEW, SEQUENCE, FOREIGN TABLE, which share the tree. */
export function applyAlterTable(schema: Schema, scope: StatementScope, node: TreeNode): void {
  const relation = relationOf(nodeOf(node, 'relation'));
  const kind = textOf(node, 'objtype') ?? '';
  if (!relation || kind === 'OBJECT_TYPE') return;
  const key = keyOf(scope, relation);
  if (kind === 'OBJECT_INDEX') return;
  if (flagOf(node, 'missing_ok') && !schema.relation(key)) return;
  const places = subcommandPlaces(scope.sql, scope.statement);
  listOf(node, 'cmds').forEach((item, index) => {
    const command = nodeOf(item, 'AlterTableCmd') ?? {};
    const place = places[index] ?? scope.place;
    applyCommand(schema, { ...scope, place }, key, command);
  });
}

function applyCommand(schema: Schema, scope: StatementScope, key: string, command: TreeNode): void {
  const given = textOf(command, 'name');
  const name = given === undefined ? '' : scope.restore(given);
  const apply = commands[textOf(command, 'subtype') ?? ''];
  apply?.({ schema, scope, key, name, command, definition: nodeOf(command, 'def') });
}

interface Subcommand {
  readonly schema: Schema;
  readonly scope: StatementScope;
  readonly key: string;
  /** The column or constraint that it names. */
  readonly name: string;
  readonly command: TreeNode;
  readonly definition: TreeNode | undefined;
}

const commands: Readonly<Record<string, (subcommand: Subcommand) => void>> = {
  AT_AddColumn: addColumn,
  AT_DropColumn: ({ schema, key, name }) => removeColumn(schema, key, name),
  AT_AddConstraint: addTableConstraint,
  AT_DropConstraint: ({ schema, key, name }) => removeConstraint(schema, key, name),
  AT_ValidateConstraint: ({ schema, key, name }) =>
    changeRelation(schema, key, ({ constraints }) => ({
      constraints: constraints.map((one) => (one.name === name ? { ...one, valid: true } : one)),
    })),
  AT_AlterColumnType: ({ schema, scope, key, name, definition }) => {
    const column = nodeOf(definition, 'ColumnDef');
    const type = typeNameOf(nodeOf(column, 'typeName'));
    const collation = namesOf(listOf(nodeOf(column, 'collClause'), 'collname')).at(-1);
    if (type !== undefined) changeColumn(schema, key, name, { type: scope.restore(type), collation });
  },
  AT_SetNotNull: ({ schema, key, name }) => changeColumn(schema, key, name, { notNull: true }),
  AT_DropNotNull: ({ schema, key, name }) => changeColumn(schema, key, name, { notNull: false }),
  AT_ColumnDefault: changeDefault,
  AT_AddIdentity: ({ schema, key, name }) => changeColumn(schema, key, name, { generated: 'identity', notNull: true }),
  AT_DropIdentity: ({ schema, key, name }) => withoutGeneration(schema, key, name),
  AT_DropExpression: ({ schema, key, name }) => withoutGeneration(schema, key, name),
  AT_AttachPartition: attachPartition,
  AT_DetachPartition: detachPartition,
  AT_EnableRowSecurity: ({ schema, key }) => changeRelation(schema, key, () => ({ rowSecurity: true })),
  AT_DisableRowSecurity: ({ schema, key }) => changeRelation(schema, key, () => ({ rowSecurity: false })),
  AT_ChangeOwner: ({ schema, scope, key, command }) => {
    const owner = textOf(nodeOf(command, 'newowner'), 'rolename');
    if (owner !== undefined) changeRelation(schema, key, () => ({ owner: scope.restore(owner) }));
  },
  AT_SetRelOptions: ({ schema, key, definition }) =>
    changeRelation(schema, key, ({ options }) => ({ options: new Map([...options, ...listedOptions(definition)]) })),
  AT_ResetRelOptions: ({ schema, key, definition }) =>
    changeRelation(schema, key, ({ options }) => {
      const left = new Map(options);
      for (const reset of listedOptions(definition).keys()) left.delete(reset);
      return { options: left };
    }),
  AT_SetLogged: ({ schema, key }) => changeRelation(schema, key, () => ({ persistence: 'permanent' })),
  AT_SetUnLogged: ({ schema, key }) => changeRelation(schema, key, () => ({ persistence: 'unlogged' })),
};

function addColumn({ schema, scope, key, command, definition }: Subcommand): void {
  const node = nodeOf(definition, 'ColumnDef') ?? {};
  const { column, constraints } = columnOf(scope, key, node);
  if (flagOf(command, 'missing_ok') && schema.relation(key)?.columns.has(column.name) === true) return;
  putColumn(schema, key, column);
  for (const constraint of constraints) addConstraint(schema, key, constraint);
}

function addTableConstraint({ schema, scope, key, definition }: Subcommand): void {
  const node = nodeOf(definition, 'Constraint') ?? {};
  const constraint = constraintOf(scope, key, node);
  const index = textOf(node, 'indexname');
  const using = index === undefined ? undefined : schemaPrefix(key) + scope.restore(index);
  if (constraint) addConstraint(schema, key, constraint, using);
}

function listedOptions(definition: TreeNode | undefined): Map<string, string> {
  return optionsOf(listOf(nodeOf(definition, 'List'), 'items'));
}

/** The text behind DEFAULT, to the end of the subcommand. */
function changeDefault({ schema, scope, key, name, definition }: Subcommand): void {
  if (!definition) {
    const column = schema.relation(key)?.columns.get(name);
    if (!column) return;
    const left = { ...column };
    delete left.default;
    putColumn(schema, key, left);
    return;
  }
  const text = written(scope, scope.place.start, scope.place.end);
  const [, value] = /\bset\s+default\s+(.*)$/is.exec(text) ?? [];
  if (value !== undefined) changeColumn(schema, key, name, { default: value });
}

function withoutGeneration(schema: Schema, key: string, name: string): void {
  const column = schema.relation(key)?.columns.get(name);
  if (!column) return;
  const left = { ...column };
  delete left.generated;
  putColumn(schema, key, left);
}

function partitionIn({
  scope,
  definition,
}: Subcommand): { readonly key: string; readonly isDefault: boolean } | undefined {
  const command = nodeOf(definition, 'PartitionCmd');
  const name = relationOf(nodeOf(command, 'name'));
  return name && { key: keyOf(scope, name), isDefault: flagOf(nodeOf(command, 'bound'), 'is_default') };
}

function attachPartition(subcommand: Subcommand): void {
  const partition = partitionIn(subcommand);
  if (partition) linkPartition(subcommand.schema, subcommand.key, partition.key, partition.isDefault);
}

function detachPartition(subcommand: Subcommand): void {
  const { schema, key: parent } = subcommand;
  const key = partitionIn(subcommand)?.key;
  if (key === undefined) return;
  unlinkPartition(schema, parent, key);
  const relation = schema.relation(key);
  if (!relation) return;
  const alone = { ...relation };
  delete alone.partitionOf;
  delete alone.isDefaultPartition;
  schema.put(alone);
}
