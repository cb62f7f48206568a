import { flagOf, listOf, namesOf, nodeOf, relationOf, textOf } from '../../rollback/tree';
import type { TreeNode } from '../../sql/grammar';
import { relationOrUnknown } from '../../sql/replay/change-relation';
import { typeNameOf } from '../../rollback/type-name';
import type { Schema } from '../../sql/replay/schema';
import type { Index } from '../../sql/replay/schema-object';
import { keyOf, type StatementScope } from '../../sql/replay/scope';
import { subcommandPlaces } from '../../sql/replay/subcommand-places';
import { addColumnEffects } from './impact-of-add-column';
import { isProven } from './proven-not-null';
import { constraintEffects, dropConstraintEffects } from './impact-of-constraint';
import { attachEffects, detachEffects } from './impact-of-partition';
import { locked, noEffects, partitionsOf, withIndexes, type Effects, type Impact } from './impact';
import type { LockMode } from './lock-mode';
import { typeRewrite, type TypeRewrite } from './type-rewrite';

/** Subcommands that take less than ACCESS EXCLUSIVE, and touch nothing but the catalogue. */
const weaker: Readonly<Record<string, LockMode>> = {
  AT_SetStatistics: 'ShareUpdateExclusive',
  AT_SetOptions: 'ShareUpdateExclusive',
  AT_ResetOptions: 'ShareUpdateExclusive',
  AT_ClusterOn: 'ShareUpdateExclusive',
  AT_DropCluster: 'ShareUpdateExclusive',
  AT_EnableTrig: 'ShareRowExclusive',
  AT_EnableAlwaysTrig: 'ShareRowExclusive',
  AT_EnableReplicaTrig: 'ShareRowExclusive',
  AT_DisableTrig: 'ShareRowExclusive',
  AT_EnableTrigAll: 'ShareRowExclusive',
  AT_DisableTrigAll: 'ShareRowExclusive',
  AT_EnableTrigUser: 'ShareRowExclusive',
  AT_DisableTrigUser: 'ShareRowExclusive',
};
/** Subcommands that copy or write the table again whatever is in it. */
const rewriting = new Set([
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_SetAccessMethod',
  'AT_SetTableSpace',
  'AT_SetExpression',
]);
/** Storage parameters that need ACCESS EXCLUSIVE. */
const strongOptions = new Set(['user_catalog_table', 'security_barrier', 'security_invoker', 'check_option']);

/** One impact for each subcommand. */
export function impactsOfAlterTable(schema: Schema, scope: StatementScope, node: TreeNode): Impact[] {
  const relation = relationOf(nodeOf(node, 'relation'));
  const kind = textOf(node, 'objtype') ?? 'OBJECT_TABLE';
  if (!relation) return [];
  const key = keyOf(scope, relation);
  const children = flagOf(nodeOf(node, 'relation'), 'inh') ? partitionsOf(schema, key) : [];
  const places = subcommandPlaces(scope.sql, scope.statement);
  return listOf(node, 'cmds').map((item, index) => {
    const command = nodeOf(item, 'AlterTableCmd') ?? {};
    const effects =
      kind === 'OBJECT_TABLE'
        ? effectsOf(schema, scope, key, children, command)
        : ['OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_FOREIGN_TABLE'].includes(kind)
          ? { ...noEffects, locks: locked([key, 'AccessExclusive']) }
          : noEffects;
    const place = places[index] ?? scope.place;
    return { start: place.start, end: place.end, subtype: textOf(command, 'subtype') ?? '', command, ...effects };
  });
}

function effectsOf(
  schema: Schema,
  scope: StatementScope,
  key: string,
  children: readonly string[],
  command: TreeNode,
): Effects {
  const subtype = textOf(command, 'subtype') ?? '';
  const everywhere = (...modes: readonly LockMode[]): Effects['locks'] =>
    locked(...[key, ...children].map((table) => [table, ...modes] as const));
  const rewritten = (): Effects => ({
    locks: everywhere('AccessExclusive', 'Share'),
    work: 'rewrite',
    rewrites: [key, ...children].flatMap((table) => withIndexes(schema, table)),
  });
  const brief: Effects = { locks: everywhere('AccessExclusive'), work: 'brief', rewrites: [] };
  const weak = weaker[subtype];
  if (weak !== undefined) return { locks: locked([key, weak]), work: 'brief', rewrites: [] };
  if (rewriting.has(subtype)) return rewritten();
  const name = scope.restore(textOf(command, 'name') ?? '');
  switch (subtype) {
    case 'AT_AddColumn':
      return addColumnEffects(schema, scope, key, command, { brief, rewritten });
    case 'AT_AddConstraint':
      return constraintEffects(schema, scope, key, nodeOf(nodeOf(command, 'def'), 'Constraint') ?? {}, brief);
    case 'AT_DropConstraint':
      return dropConstraintEffects(schema, key, name, brief);
    case 'AT_ValidateConstraint': {
      const found = relationOrUnknown(schema, key).constraints.find((one) => one.name === name);
      return {
        locks: locked([key, 'ShareUpdateExclusive'], [found?.references?.table, 'RowShare']),
        work: 'scan',
        rewrites: [],
      };
    }
    case 'AT_AlterColumnType':
      return retyped(schema, scope, key, command, brief, rewritten);
    case 'AT_SetNotNull':
      return { ...brief, work: isProven(schema, key, name) ? 'brief' : 'scan' };
    case 'AT_SetRelOptions':
    case 'AT_ResetRelOptions': {
      const options = listOf(nodeOf(nodeOf(command, 'def'), 'List'), 'items').map((item) => nodeOf(item, 'DefElem'));
      const strong = options.some((option) => strongOptions.has(textOf(option, 'defname') ?? ''));
      return strong ? brief : { ...brief, locks: locked([key, 'ShareUpdateExclusive']) };
    }
    case 'AT_AttachPartition':
      return attachEffects(schema, scope, key, command);
    case 'AT_DetachPartition':
    case 'AT_DetachPartitionFinalize':
      return detachEffects(schema, scope, key, command);
    default:
      return brief;
  }
}

function retyped(
  schema: Schema,
  scope: StatementScope,
  key: string,
  command: TreeNode,
  brief: Effects,
  rewritten: () => Effects,
): Effects {
  const name = scope.restore(textOf(command, 'name') ?? '');
  const change = changeOfType(schema, scope, key, command);
  if (change.rewrite === 'table' || change.rewrite === 'time-zone') return rewritten();
  if (change.rewrite === 'unknown') return { ...brief, work: 'unknown' };
  const table = schema.relation(key);
  const touched = (table ? schema.indexesOf(table) : []).filter((index) => isBuiltAgain(index, name, change.rewrite));
  if (touched.length === 0) return brief;
  return {
    locks: [...brief.locks, ...locked([key, 'Share'])],
    work: 'build',
    rewrites: touched.map((index) => index.key),
  };
}

/**
 * Whether a change of a column's type that leaves the table as it is builds an index again: one with an expression or a
 * predicate whenever it has the column anywhere, any other only for another order. Measured on 13 and 18.
 */
function isBuiltAgain({ parts, included, predicate }: Index, column: string, rewrite: TypeRewrite): boolean {
  const isComputed = predicate !== undefined || parts.some(({ expression }) => expression);
  if (!isComputed) return rewrite === 'indexes' && parts.some(({ what }) => what === column);
  const word = new RegExp(`(?<![\\w$])${column.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w$])`);
  return (
    included.includes(column) || [predicate ?? '', ...parts.map(({ what }) => what)].some((text) => word.test(text))
  );
}

/** The types before and after a change, and what PostgreSQL does for it. */
export function changeOfType(
  schema: Schema,
  scope: StatementScope,
  key: string,
  command: TreeNode,
): { from: string | undefined; to: string; rewrite: ReturnType<typeof typeRewrite> } {
  const definition = nodeOf(nodeOf(command, 'def'), 'ColumnDef');
  const name = scope.restore(textOf(command, 'name') ?? '');
  const to = scope.restore(typeNameOf(nodeOf(definition, 'typeName')) ?? '?');
  const column = schema.relation(key)?.columns.get(name);
  const from = column?.type;
  const using = nodeOf(definition, 'raw_default');
  if (using && !isPlainCast(using, textOf(command, 'name') ?? '')) return { from, to, rewrite: 'table' };
  if (from === undefined) return { from, to, rewrite: 'unknown' };
  const collation = namesOf(listOf(nodeOf(definition, 'collClause'), 'collname')).at(-1);
  const collated = collation !== column?.collation;
  return { from, to, rewrite: typeRewrite(from, to, schema, collated) };
}

/** USING with nothing but the column, or the column cast: the same as without. */
function isPlainCast(expression: TreeNode, column: string): boolean {
  const operand = nodeOf(nodeOf(expression, 'TypeCast'), 'arg') ?? expression;
  const fields = listOf(nodeOf(operand, 'ColumnRef'), 'fields');
  return textOf(nodeOf(fields.at(-1), 'String'), 'sval') === column;
}
