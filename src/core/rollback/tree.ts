import type { TreeNode } from '../sql/grammar';
import { quoteIdentifier, quoteQualified } from '../sql/identifier';

/** Readers of libpg-query's trees: fields that hold their zero are left out there. */
export function nodeOf(node: TreeNode | undefined, field: string): TreeNode | undefined {
  const value = node?.[field];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as TreeNode) : undefined;
}

export function listOf(node: TreeNode | undefined, field: string): readonly TreeNode[] {
  const value = node?.[field];
  return Array.isArray(value) ? (value as readonly TreeNode[]) : [];
}

export function textOf(node: TreeNode | undefined, field: string): string | undefined {
  const value = node?.[field];
  return typeof value === 'string' ? value : undefined;
}

export function flagOf(node: TreeNode | undefined, field: string): boolean {
  return node?.[field] === true;
}

/** The names of a qualified name: `[{String: {sval}}, …]`. */
export function namesOf(items: readonly TreeNode[]): string[] {
  return items.map((item) => textOf(nodeOf(item, 'String'), 'sval') ?? '');
}

/** A RangeVar's schema and name. */
export interface RelationName {
  readonly schema: string | undefined;
  readonly name: string;
}

export function relationOf(range: TreeNode | undefined): RelationName | undefined {
  const name = textOf(range, 'relname');
  return name === undefined ? undefined : { schema: textOf(range, 'schemaname'), name };
}

/** `"schema"."name"`, without the schema where the script has none. */
export function sqlName({ schema, name }: RelationName): string {
  return schema === undefined ? quoteIdentifier(name) : quoteQualified(schema, name);
}

/** The nodes of one type in a list: `[{Constraint: …}, {ColumnDef: …}]`. */
export function nodesOf(node: TreeNode | undefined, field: string, type: string): TreeNode[] {
  const found: TreeNode[] = [];
  for (const item of listOf(node, field)) {
    const inner = nodeOf(item, type);
    if (inner) found.push(inner);
  }
  return found;
}
