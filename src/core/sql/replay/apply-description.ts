import { flagOf, listOf, nodeOf, relationOf, textOf } from '../../rollback/tree';
import type { TreeNode } from '../grammar';
import { changeColumn } from './change-relation';
import { referenceOf } from './object-reference';
import type { Schema } from './schema';
import type { SchemaObject } from './schema-object';
import { keyOf, type StatementScope } from './scope';

/** COMMENT ON; without a text it takes the comment away. */
export function applyComment(schema: Schema, scope: StatementScope, node: TreeNode): void {
  const reference = referenceOf(schema, scope, textOf(node, 'objtype') ?? '', nodeOf(node, 'object'));
  const text = textOf(node, 'comment');
  const comment = text === undefined ? null : scope.restore(text);
  const object = reference && schema.get(reference.kind, reference.key);
  if (reference?.column !== undefined) changeColumn(schema, reference.key, reference.column, { comment });
  else if (object) schema.put({ ...object, comment });
}

/** ALTER … OWNER TO of what is no relation. */
export function applyOwner(schema: Schema, scope: StatementScope, node: TreeNode): void {
  const reference = referenceOf(schema, scope, textOf(node, 'objectType') ?? '', nodeOf(node, 'object'));
  const object = reference && schema.get(reference.kind, reference.key);
  const owner = textOf(nodeOf(node, 'newowner'), 'rolename');
  if (object && owner !== undefined) schema.put({ ...object, owner: scope.restore(owner) });
}

/** GRANT and REVOKE of named objects; privileges of columns count under the table. */
export function applyGrant(schema: Schema, scope: StatementScope, node: TreeNode): void {
  if (textOf(node, 'targtype') !== 'ACL_TARGET_OBJECT') return;
  const kind = textOf(node, 'objtype') ?? '';
  const privileges = listOf(node, 'privileges').map((item) => privilegeOf(scope, nodeOf(item, 'AccessPriv')));
  const wanted = privileges.length === 0 ? ['ALL'] : privileges;
  const roles = listOf(node, 'grantees').map((item) => {
    const role = nodeOf(item, 'RoleSpec');
    const name = textOf(role, 'rolename');
    if (name !== undefined) return scope.restore(name);
    return (textOf(role, 'roletype') ?? '').replace('ROLESPEC_', '');
  });
  const entries = wanted.flatMap((privilege) => roles.map((role) => `${privilege} TO ${role}`));
  for (const item of listOf(node, 'objects')) {
    const relation = relationOf(nodeOf(item, 'RangeVar'));
    const reference = relation
      ? { kind: 'relation' as const, key: keyOf(scope, relation) }
      : referenceOf(schema, scope, kind, item);
    const object = reference && schema.get(reference.kind, reference.key);
    if (object) schema.put({ ...object, grants: granted(object, entries, wanted, roles, flagOf(node, 'is_grant')) });
  }
}

function granted(
  object: SchemaObject,
  entries: readonly string[],
  privileges: readonly string[],
  roles: readonly string[],
  grants: boolean,
): string[] {
  const before = object.grants ?? [];
  if (grants) return [...new Set([...before, ...entries])];
  const all = privileges.includes('ALL');
  return before.filter((entry) =>
    all ? !roles.some((role) => entry.endsWith(` TO ${role}`)) : !entries.includes(entry),
  );
}

function privilegeOf(scope: StatementScope, privilege: TreeNode | undefined): string {
  const name = (textOf(privilege, 'priv_name') ?? 'ALL').toUpperCase();
  const columns = listOf(privilege, 'cols').map((item) => textOf(nodeOf(item, 'String'), 'sval') ?? '');
  return columns.length === 0 ? name : `${name} (${columns.map(scope.restore).join(', ')})`;
}
