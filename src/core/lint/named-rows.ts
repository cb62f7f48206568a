import { listOf, nodeOf, textOf } from '../rollback/tree';
import type { TreeNode } from '../sql/grammar';
import type { StatementContext } from './statement-context';

/** From here on, even a list of keys is no matter of a moment. */
const mostNamed = 100;

/**
 * Whether an UPDATE or DELETE names its rows by literals of a key: `WHERE id = 3`, `WHERE code IN ('a', 'b')`. It writes as
 * many rows as it names, in a moment, whatever the table holds. Without a known key, a column named id counts as one.
 */
export function namesItsRows(context: StatementContext): boolean {
  const bound = boundColumns(nodeOf(context.node, 'whereClause'));
  if (bound.size === 0) return false;
  const { relation } = context;
  if (!relation) return bound.has('id');
  const keys = [
    ...relation.constraints.filter(({ kind }) => kind === 'primary-key' || kind === 'unique').map((one) => one.columns),
    ...context.schema
      .indexesOf(relation)
      .filter(({ unique, predicate }) => unique && predicate === undefined)
      .map(({ parts }) => parts.map(({ what }) => what)),
  ];
  return keys.some((columns) => columns.length > 0 && columns.every((column) => bound.has(column)));
}

/** Columns that each alternative of a condition compares with literals. */
function boundColumns(condition: TreeNode | undefined): ReadonlySet<string> {
  const group = nodeOf(condition, 'BoolExpr');
  if (group) {
    const parts = listOf(group, 'args').map(boundColumns);
    if (textOf(group, 'boolop') === 'AND_EXPR') return new Set(parts.flatMap((part) => [...part]));
    const [first = new Set<string>(), ...rest] = textOf(group, 'boolop') === 'OR_EXPR' ? parts : [];
    return new Set([...first].filter((column) => rest.every((part) => part.has(column))));
  }
  const comparison = nodeOf(condition, 'A_Expr');
  const operator = textOf(nodeOf(listOf(comparison, 'name')[0], 'String'), 'sval');
  const kind = textOf(comparison, 'kind');
  if (operator !== '=' || (kind !== 'AEXPR_OP' && kind !== 'AEXPR_IN')) return new Set();
  const [column, value] = columnOf(nodeOf(comparison, 'lexpr'))
    ? [columnOf(nodeOf(comparison, 'lexpr')), nodeOf(comparison, 'rexpr')]
    : [columnOf(nodeOf(comparison, 'rexpr')), nodeOf(comparison, 'lexpr')];
  const list = nodeOf(value, 'List');
  const literals = list ? listOf(list, 'items') : [value];
  return column !== undefined && literals.length <= mostNamed && literals.every(isLiteral)
    ? new Set([column])
    : new Set();
}

function columnOf(node: TreeNode | undefined): string | undefined {
  return textOf(nodeOf(listOf(nodeOf(node, 'ColumnRef'), 'fields').at(-1), 'String'), 'sval');
}

/** A constant, cast or not. */
export function isLiteral(node: TreeNode | undefined): boolean {
  const cast = nodeOf(node, 'TypeCast');
  return cast ? isLiteral(nodeOf(cast, 'arg')) : nodeOf(node, 'A_Const') !== undefined;
}
