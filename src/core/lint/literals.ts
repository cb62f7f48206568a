import { listOf, nodeOf, textOf } from '../rollback/tree';
import { typeNameOf } from '../rollback/type-name';
import type { TreeNode } from '../sql/grammar';
import type { Relation } from '../sql/replay/schema-object';
import type { StatementContext } from './statement-context';

/** A string constant, and the type it is read as: that of its cast, or of the column it is for. */
export interface Literal {
  readonly value: string;
  readonly location: unknown;
  /** Undefined where the statement alone does not tell. */
  readonly type: string | undefined;
}

/** The string constants of a statement. Those of INSERT VALUES, of SET and of a comparison get the type of their column. */
export function literalsIn(context: StatementContext): Literal[] {
  const { node, relation } = context;
  const found: Literal[] = [];
  const typed = new Map<TreeNode, string | undefined>();
  if (context.type === 'InsertStmt') typeValues(node, relation, typed, context);
  const pending: unknown[] = [node];
  while (pending.length > 0) {
    const value = pending.pop();
    if (Array.isArray(value)) pending.push(...(value as readonly unknown[]));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    const inner = value as TreeNode;
    typeOperands(inner, relation, typed, context);
    const constant = nodeOf(inner, 'A_Const');
    const text = textOf(nodeOf(constant, 'sval'), 'sval');
    if (constant && text !== undefined)
      found.push({ value: context.name(text), location: constant['location'], type: typed.get(constant) });
    pending.push(...Object.values(inner));
  }
  return found;
}

/** A cast, an assignment or a comparison with a column tells the type of the constant beside it. */
function typeOperands(
  node: TreeNode,
  relation: Relation | undefined,
  typed: Map<TreeNode, string | undefined>,
  context: StatementContext,
): void {
  const cast = nodeOf(node, 'TypeCast');
  mark(nodeOf(cast, 'arg'), typeNameOf(nodeOf(cast, 'typeName')), typed);
  const target = nodeOf(node, 'ResTarget');
  const column = textOf(target, 'name');
  if (column !== undefined && context.type === 'UpdateStmt')
    mark(nodeOf(target, 'val'), relation?.columns.get(context.name(column))?.type, typed);
  const comparison = nodeOf(node, 'A_Expr');
  const [left, right] = [nodeOf(comparison, 'lexpr'), nodeOf(comparison, 'rexpr')];
  mark(right, columnType(left, relation, context), typed);
  mark(left, columnType(right, relation, context), typed);
  const definition = nodeOf(node, 'ColumnDef');
  for (const item of listOf(definition, 'constraints')) {
    const constraint = nodeOf(item, 'Constraint');
    if (textOf(constraint, 'contype') === 'CONSTR_DEFAULT')
      mark(nodeOf(constraint, 'raw_expr'), typeNameOf(nodeOf(definition, 'typeName')), typed);
  }
  const command = nodeOf(node, 'AlterTableCmd');
  if (textOf(command, 'subtype') === 'AT_ColumnDefault')
    mark(nodeOf(command, 'def'), relation?.columns.get(context.name(textOf(command, 'name')))?.type, typed);
}

function typeValues(
  insert: TreeNode,
  relation: Relation | undefined,
  typed: Map<TreeNode, string | undefined>,
  context: StatementContext,
): void {
  const named = listOf(insert, 'cols').map((item) => context.name(textOf(nodeOf(item, 'ResTarget'), 'name')));
  const columns = named.length > 0 ? named : [...(relation?.columns.keys() ?? [])];
  for (const row of listOf(nodeOf(nodeOf(insert, 'selectStmt'), 'SelectStmt'), 'valuesLists'))
    listOf(nodeOf(row, 'List'), 'items').forEach((item, at) =>
      mark(item, relation?.columns.get(columns[at] ?? '')?.type, typed),
    );
}

function columnType(
  node: TreeNode | undefined,
  relation: Relation | undefined,
  context: StatementContext,
): string | undefined {
  const field = listOf(nodeOf(node, 'ColumnRef'), 'fields').at(-1);
  const name = textOf(nodeOf(field, 'String'), 'sval');
  return name === undefined ? undefined : relation?.columns.get(context.name(name))?.type;
}

function mark(node: TreeNode | undefined, type: string | undefined, typed: Map<TreeNode, string | undefined>): void {
  const constant = nodeOf(node, 'A_Const');
  if (constant && type !== undefined) typed.set(constant, type);
}
