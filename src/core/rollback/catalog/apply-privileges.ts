import type { TreeNode } from '../../sql/grammar';
import { flagOf, listOf, namesOf, nodeOf, nodesOf, textOf } from '../tree';
import { ownerOf } from './apply-alter-table';
import type { Catalog } from './catalog';
import type { CatalogObject, NameSpace } from './catalog-object';
import { objectName, rangeKey, resolve } from './object-names';

/** Applies GRANT, REVOKE, ALTER DEFAULT PRIVILEGES and COMMENT; false when the statement is none of them. */
export function applyPrivilege(catalog: Catalog, type: string, node: TreeNode): boolean {
  switch (type) {
    case 'GrantStmt':
      for (const object of grantedOn(catalog, node)) grant(catalog, object, node, '');
      return true;
    case 'AlterDefaultPrivilegesStmt': {
      const action = nodeOf(node, 'action') ?? {};
      const options = nodesOf(node, 'options', 'DefElem');
      const where = ['schemas', 'roles'].map((name) => {
        const option = options.find((one) => textOf(one, 'defname') === name);
        return listOf(nodeOf(nodeOf(option, 'arg'), 'List'), 'items')
          .map((item) => textOf(nodeOf(item, 'String'), 'sval') ?? ownerOf(nodeOf(item, 'RoleSpec')))
          .join(',');
      });
      const object = catalog.get(
        'default privileges',
        `${where.join(' ')} ${textOf(action, 'objtype') ?? ''}`.trim(),
        'default privileges',
      );
      grant(catalog, object, action, '');
      return true;
    }
    case 'GrantRoleStmt':
      for (const granted of nodesOf(node, 'granted_roles', 'AccessPriv')) {
        const role = catalog.get('role', textOf(granted, 'priv_name') ?? '?', 'role');
        for (const member of nodesOf(node, 'grantee_roles', 'RoleSpec'))
          catalog.set(role, `member ${ownerOf(member)}`, flagOf(node, 'is_grant') ? 'yes' : '');
      }
      return true;
    case 'CommentStmt': {
      const name = objectName(textOf(node, 'objtype') ?? '', nodeOf(node, 'object'));
      if (name) catalog.set(resolve(catalog, name), 'comment', textOf(node, 'comment') ?? '');
      return true;
    }
    case 'SecLabelStmt': {
      const name = objectName(textOf(node, 'objtype') ?? '', nodeOf(node, 'object'));
      if (name)
        catalog.set(
          resolve(catalog, name),
          `label ${textOf(node, 'provider') ?? ''}`.trim(),
          textOf(node, 'label') ?? '',
        );
      return true;
    }
    default:
      return false;
  }
}

/** ALL of a table, a sequence … as the single privileges it stands for, so that a part of it can be taken back. */
const allOf: Readonly<Record<string, readonly string[]>> = {
  OBJECT_TABLE: ['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger'],
  OBJECT_SEQUENCE: ['usage', 'select', 'update'],
  OBJECT_SCHEMA: ['usage', 'create'],
  OBJECT_DATABASE: ['create', 'connect', 'temporary'],
};

function grant(catalog: Catalog, object: CatalogObject, node: TreeNode, prefix: string): void {
  const type = textOf(node, 'objtype') ?? '';
  const named = nodesOf(node, 'privileges', 'AccessPriv');
  const privileges =
    named.length === 0
      ? (allOf[type] ?? ['all'])
      : named.flatMap((privilege) => {
          const word = (textOf(privilege, 'priv_name') ?? 'all').toLowerCase().replace(/^temp$/, 'temporary');
          const columns = namesOf(listOf(privilege, 'cols'));
          return columns.length === 0 ? [word] : columns.map((column) => `${word} (${column})`);
        });
  const given = flagOf(node, 'is_grant');
  const withOption = flagOf(node, 'grant_option');
  for (const role of nodesOf(node, 'grantees', 'RoleSpec'))
    for (const privilege of privileges) {
      const granted = `${prefix}grant ${privilege} to ${ownerOf(role)}`;
      // REVOKE GRANT OPTION FOR leaves the privilege itself.
      if (given || !withOption) catalog.set(object, granted, given ? 'yes' : '');
      if (withOption || (!given && catalog.value(object, `${granted} with grant option`) === 'yes'))
        catalog.set(object, `${granted} with grant option`, given ? 'yes' : '');
    }
}

function isOfGrant(type: string, space: NameSpace, kind: string): boolean {
  if (type === 'OBJECT_TABLE') return space === 'relation' && ['table', 'view', 'materialized view'].includes(kind);
  if (type === 'OBJECT_SEQUENCE') return space === 'relation' && kind === 'sequence';
  return space === 'routine';
}

function grantedOn(catalog: Catalog, node: TreeNode): CatalogObject[] {
  const type = textOf(node, 'objtype') ?? '';
  if (textOf(node, 'targtype') === 'ACL_TARGET_ALL_IN_SCHEMA')
    return namesOf(listOf(node, 'objects')).flatMap((schema) => {
      const known = catalog.inSchema(schema).filter(({ space, kind }) => isOfGrant(type, space, kind));
      return known.length > 0
        ? known
        : [catalog.get('everything', `in schema ${schema}`, `all ${type.replace('OBJECT_', '').toLowerCase()}s`)];
    });
  return listOf(node, 'objects').flatMap((object) => {
    const range = nodeOf(object, 'RangeVar');
    if (range)
      return [catalog.get('relation', rangeKey(range) ?? '?', type === 'OBJECT_SEQUENCE' ? 'sequence' : 'table')];
    const name = objectName(type, object);
    return name ? [resolve(catalog, name)] : [];
  });
}
