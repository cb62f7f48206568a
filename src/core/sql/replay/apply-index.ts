import { flagOf, listOf, namesOf, nodeOf, relationOf, textOf } from '../../rollback/tree';
import type { TreeNode } from '../grammar';
import { putIndex, schemaPrefix } from './change-relation';
import type { Schema } from './schema';
import type { Index, IndexPart } from './schema-object';
import { definitionOf, keyOf, written, type StatementScope } from './scope';
import { elementEnd, indexAt } from './written-parts';

/** The index that a CREATE INDEX makes, under the name PostgreSQL would choose where it has none. */
export function indexOf(scope: StatementScope, node: TreeNode): Index | undefined {
  const on = relationOf(nodeOf(node, 'relation'));
  if (!on) return undefined;
  const table = keyOf(scope, on);
  const parts = partsOf(scope, node);
  const named = textOf(node, 'idxname');
  const bare = table.slice(table.lastIndexOf('.') + 1);
  const name = named ?? [bare, ...parts.map((part) => (part.expression ? 'expr' : part.what)), 'idx'].join('_');
  const predicate = predicateOf(scope, node);
  return {
    kind: 'index',
    key: schemaPrefix(table) + scope.restore(name),
    table,
    origin: scope.origin,
    definition: definitionOf(scope),
    parts,
    included: listOf(node, 'indexIncludingParams').flatMap((item) => textOf(nodeOf(item, 'IndexElem'), 'name') ?? []),
    unique: flagOf(node, 'unique'),
    method: textOf(node, 'accessMethod') ?? 'btree',
    ...(predicate !== undefined && { predicate }),
  };
}

export function applyCreateIndex(schema: Schema, scope: StatementScope, node: TreeNode): void {
  const index = indexOf(scope, node);
  if (!index || (flagOf(node, 'if_not_exists') && schema.index(index.key))) return;
  putIndex(schema, index);
}

/** The elements of the list behind the table's name; how each is sorted comes from the tree, expressions from the text. */
function partsOf(scope: StatementScope, node: TreeNode): IndexPart[] {
  const { tokens } = scope.statement.split;
  const open = tokens.findIndex((token) => token.kind === 'symbol' && scope.sql.charAt(token.start) === '(');
  let from = tokens[open + 1]?.start ?? scope.statement.end;
  return listOf(node, 'indexParams').map((item) => {
    const element = nodeOf(item, 'IndexElem');
    const end = elementEnd(scope, from);
    const text = written(scope, from, end);
    from = tokens[indexAt(scope, end) + 1]?.start ?? scope.statement.end;
    const name = textOf(element, 'name');
    const how = [
      namesOf(listOf(element, 'collation')).join('.'),
      namesOf(listOf(element, 'opclass')).join('.'),
      textOf(element, 'ordering') === 'SORTBY_DESC' ? 'DESC' : '',
      (textOf(element, 'nulls_ordering') ?? '').replace('SORTBY_NULLS_DEFAULT', ''),
    ].filter((part) => part !== '');
    return name === undefined
      ? { what: text, expression: true, how: how.join(' ') }
      : { what: scope.restore(name), expression: false, how: how.join(' ') };
  });
}

/** The text behind the last WHERE outside of parentheses. */
function predicateOf(scope: StatementScope, node: TreeNode): string | undefined {
  if (!nodeOf(node, 'whereClause')) return undefined;
  let depth = 0;
  for (const token of scope.statement.split.tokens) {
    const text = scope.sql.slice(token.start, token.end);
    if (token.kind === 'symbol') depth += text === '(' ? 1 : text === ')' ? -1 : 0;
    if (depth === 0 && token.kind === 'word' && text.toLowerCase() === 'where')
      return written(scope, token.end, scope.statement.end);
  }
  return undefined;
}
