import { flagOf, nodeOf, relationOf } from '../../rollback/tree';
import type { TreeNode } from '../../sql/grammar';
import type { Schema } from '../../sql/replay/schema';
import { keyOf, type StatementScope } from '../../sql/replay/scope';
import { defaultPartition, locked, type Effects } from './impact';

/** The partition that ATTACH or DETACH names, and whether it says CONCURRENTLY. */
export function partitionOf(
  scope: StatementScope,
  command: TreeNode,
): { readonly key: string | undefined; readonly concurrently: boolean } {
  const definition = nodeOf(nodeOf(command, 'def'), 'PartitionCmd');
  const name = relationOf(nodeOf(definition, 'name'));
  return { key: name && keyOf(scope, name), concurrently: flagOf(definition, 'concurrent') };
}

/** ATTACH reads the partition, and the default one, unless a check says what is in them. */
export function attachEffects(schema: Schema, scope: StatementScope, parent: string, command: TreeNode): Effects {
  const { key } = partitionOf(scope, command);
  const standing = defaultPartition(schema, parent);
  return {
    locks: locked([key, 'AccessExclusive'], [parent, 'ShareUpdateExclusive'], [standing, 'AccessExclusive']),
    work:
      hasBoundCheck(schema, parent, key) && (standing === undefined || hasBoundCheck(schema, parent, standing))
        ? 'brief'
        : 'scan',
    rewrites: [],
  };
}

/**
 * Whether a table has a validated check on the columns by which the parent is partitioned. Whether it implies the bounds is
 * not proved: whoever writes one means it for this.
 */
export function hasBoundCheck(schema: Schema, parent: string, key: string | undefined): boolean {
  const columns = schema.relation(parent)?.partitionKey ?? [];
  const table = key === undefined ? undefined : schema.relation(key);
  return (
    table?.constraints.some(
      (one) =>
        one.kind === 'check' &&
        one.valid &&
        (columns.length === 0 || columns.some((column) => one.columns.includes(column))),
    ) === true
  );
}

export function detachEffects(schema: Schema, scope: StatementScope, parent: string, command: TreeNode): Effects {
  const { key, concurrently } = partitionOf(scope, command);
  if (concurrently)
    return {
      locks: locked([key, 'ShareUpdateExclusive'], [parent, 'ShareUpdateExclusive']),
      work: 'brief',
      rewrites: [],
    };
  // Before 14 the partition itself was locked less.
  const own = scope.major !== undefined && scope.major < 14 ? 'ShareUpdateExclusive' : 'AccessExclusive';
  return { locks: locked([key, own], ...around(schema, parent)), work: 'brief', rewrites: [] };
}

/** What is locked where a partition comes or goes by CREATE or DROP: the parent and its default partition. */
export function around(schema: Schema, parent: string): (readonly [string | undefined, 'AccessExclusive'])[] {
  return [
    [parent, 'AccessExclusive'],
    [defaultPartition(schema, parent), 'AccessExclusive'],
  ];
}
