import { flagOf, listOf, namesOf, nodeOf, relationOf, textOf } from '../../rollback/tree';
import type { TreeNode } from '../grammar';
import { placeOf } from '../parsed-statement';
import type { TableConstraint } from './schema-object';
import { keyOf, written, type StatementScope } from './scope';
import { elementEnd } from './written-parts';

const kinds: Readonly<Record<string, TableConstraint['kind']>> = {
  CONSTR_PRIMARY: 'primary-key',
  CONSTR_UNIQUE: 'unique',
  CONSTR_FOREIGN: 'foreign-key',
  CONSTR_CHECK: 'check',
  CONSTR_EXCLUSION: 'exclude',
  CONSTR_NOTNULL: 'not-null',
};
const suffixes: Readonly<Record<TableConstraint['kind'], string>> = {
  'primary-key': 'pkey',
  unique: 'key',
  'foreign-key': 'fkey',
  check: 'check',
  exclude: 'excl',
  'not-null': 'not_null',
};

/**
 * Reads a Constraint of a column (`column` is its name) or of a table. Undefined for what is no constraint of the catalogue:
 * DEFAULT, IDENTITY, GENERATED, an unnamed NOT NULL of a column. A missing name is the one PostgreSQL would choose first.
 */
export function constraintOf(
  scope: StatementScope,
  table: string,
  constraint: TreeNode,
  column?: string,
): TableConstraint | undefined {
  const kind = kinds[textOf(constraint, 'contype') ?? ''];
  if (kind === undefined || (kind === 'not-null' && column !== undefined)) return undefined;
  const expression = nodeOf(constraint, 'raw_expr');
  const named = constrainedColumns(constraint, kind).map(scope.restore);
  const columns = column !== undefined ? [column] : kind === 'check' ? columnsIn(expression).map(scope.restore) : named;
  const target = relationOf(nodeOf(constraint, 'pktable'));
  const start = placeOf(scope.statement, constraint['location']) ?? scope.place.start;
  const given = textOf(constraint, 'conname');
  return {
    name: given === undefined ? chosenName(table, columns, kind) : scope.restore(given),
    kind,
    columns,
    valid: !flagOf(constraint, 'skip_validation'),
    provesNotNull: kind === 'check' ? provenNotNull(expression).map(scope.restore) : kind === 'not-null' ? columns : [],
    definition: written(scope, start, elementEnd(scope, start)),
    origin: scope.origin,
    ...(target && {
      references: { table: keyOf(scope, target), columns: namesOf(listOf(constraint, 'pk_attrs')).map(scope.restore) },
    }),
  };
}

function constrainedColumns(constraint: TreeNode, kind: TableConstraint['kind']): string[] {
  if (kind === 'foreign-key') return namesOf(listOf(constraint, 'fk_attrs'));
  if (kind === 'exclude')
    return listOf(constraint, 'exclusions').flatMap((item) => {
      const element = nodeOf(listOf(nodeOf(item, 'List'), 'items')[0], 'IndexElem');
      return textOf(element, 'name') ?? [];
    });
  return namesOf(listOf(constraint, 'keys'));
}

/** `t_a_b_key`; a check over several columns is named for the table alone. */
function chosenName(table: string, columns: readonly string[], kind: TableConstraint['kind']): string {
  const bare = table.slice(table.lastIndexOf('.') + 1);
  const parts = kind === 'primary-key' || (kind === 'check' && columns.length !== 1) ? [] : columns;
  return [bare, ...parts, suffixes[kind]].join('_');
}

/** The columns that an expression names, each once. */
export function columnsIn(expression: unknown): string[] {
  const found = new Set<string>();
  const pending: unknown[] = [expression];
  while (pending.length > 0) {
    const value = pending.pop();
    if (Array.isArray(value)) pending.push(...(value as readonly unknown[]));
    else if (typeof value === 'object' && value !== null) {
      const node = value as TreeNode;
      const name = textOf(nodeOf(listOf(nodeOf(node, 'ColumnRef'), 'fields').at(-1), 'String'), 'sval');
      if (name !== undefined) found.add(name);
      pending.push(...Object.values(node));
    }
  }
  return [...found];
}

/** The columns of `a IS NOT NULL`, by itself or joined by AND. */
function provenNotNull(expression: TreeNode | undefined): string[] {
  const proven: string[] = [];
  const pending = [expression];
  while (pending.length > 0) {
    const node = pending.pop();
    const test = nodeOf(node, 'NullTest');
    if (textOf(test, 'nulltesttype') === 'IS_NOT_NULL') {
      const field = listOf(nodeOf(nodeOf(test, 'arg'), 'ColumnRef'), 'fields').at(-1);
      const name = textOf(nodeOf(field, 'String'), 'sval');
      if (name !== undefined) proven.push(name);
    }
    const both = nodeOf(node, 'BoolExpr');
    if (textOf(both, 'boolop') === 'AND_EXPR') pending.push(...listOf(both, 'args'));
  }
  return proven;
}
