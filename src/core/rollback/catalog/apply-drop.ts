import type { TreeNode } from '../../sql/grammar';
import { flagOf, listOf, nodeOf, textOf } from '../tree';
import type { Catalog } from './catalog';
import { nameOf, type CatalogObject } from './catalog-object';
import { findNamed, objectName, resolve, type ObjectName } from './object-names';

/** Applies a DROP of anything but a column; false when the statement is none. */
export function applyDrop(catalog: Catalog, type: string, node: TreeNode): boolean {
  const names = namesOfDrop(type, node);
  if (!names) return false;
  const lenient = flagOf(node, 'missing_ok');
  const cascade = textOf(node, 'behavior') === 'DROP_CASCADE';
  const objects = names.flatMap((name) => target(catalog, name, lenient) ?? []);
  for (const object of objects) {
    if (object.space === 'schema') dropContents(catalog, object, cascade);
    dropWithDependents(catalog, object, cascade, objects);
  }
  return true;
}

/** What is in a schema goes with CASCADE, and is in the way without. */
function dropContents(catalog: Catalog, schema: CatalogObject, cascade: boolean): void {
  const contents = catalog.inSchema(schema.key);
  if (cascade) for (const object of contents) dropWithDependents(catalog, object, true, contents, schema);
  else if (contents[0]) catalog.refuse('depends', `${nameOf(contents[0])} is still in the ${nameOf(schema)}`);
}

/** What a DROP drops; an object that no script made is assumed, unless IF EXISTS lets it be missing. */
function target(catalog: Catalog, name: ObjectName, lenient: boolean): CatalogObject | undefined {
  const found = findNamed(catalog, name);
  if (found) return found;
  const gone = catalog.lastDropped(name.space, name.key);
  if (gone) {
    if (!lenient) catalog.refuse('missing', `the ${gone.kind} ${name.key} is not there any more`);
    return undefined;
  }
  if (!lenient) return resolve(catalog, name);
  catalog.missed(name.space, name.key, `${name.kind} ${name.on ? `${name.key} on ${name.on.key}` : name.key}`);
  return undefined;
}

/** Drops an object; what needs it goes too with CASCADE, and is in the way without. */
export function dropWithDependents(
  catalog: Catalog,
  object: CatalogObject,
  cascade: boolean,
  together: readonly CatalogObject[] = [],
  with_?: CatalogObject,
): void {
  // Partitions go with their parent, without CASCADE.
  const partitions = partitionsOf(catalog, object);
  const parts = [object, ...partitions].flatMap((one) => [one, ...allParts(catalog, one)]);
  const dependents = parts
    .flatMap((part) => catalog.dependentsOf(part))
    .filter((other) => !together.some((one) => one === other || isIn(other, one)) && !parts.includes(other));
  if (cascade)
    for (const dependent of dependents) {
      if (dependent.space === 'column' && losesDefault(catalog, dependent, object)) {
        catalog.set(dependent, 'default', '');
        continue;
      }
      catalog.drop(dependent, object);
      dropWithDependents(catalog, dependent, true, together);
    }
  else if (dependents[0]) catalog.refuse('depends', `${nameOf(dependents[0])} still needs ${nameOf(object)}`);
  for (const partition of partitions) catalog.drop(partition, object);
  catalog.drop(object, with_);
}

/** Whether a column stays when what its default calls goes. */
function losesDefault(catalog: Catalog, column: CatalogObject, gone: CatalogObject): boolean {
  if (gone.kind !== 'sequence' && gone.space !== 'routine') return false;
  return (catalog.value(column, 'generated') ?? '') === '';
}

function partitionsOf(catalog: Catalog, object: CatalogObject): CatalogObject[] {
  return catalog
    .dependentsOf(object)
    .filter(({ facets }) => facets.get('partition of')?.value.startsWith(`${object.key} `) === true)
    .flatMap((partition) => [partition, ...partitionsOf(catalog, partition)]);
}

function allParts(catalog: Catalog, object: CatalogObject): CatalogObject[] {
  return catalog.childrenOf(object).flatMap((child) => [child, ...allParts(catalog, child)]);
}

function isIn(object: CatalogObject, whole: CatalogObject): boolean {
  for (let at = object.parent; at; at = at.parent) if (at === whole) return true;
  return false;
}

function namesOfDrop(type: string, node: TreeNode): ObjectName[] | undefined {
  const single = (space: string, key: string | undefined): ObjectName[] =>
    key === undefined ? [] : [{ space, kind: space, key }];
  switch (type) {
    case 'DropStmt': {
      const kind = textOf(node, 'removeType') ?? '';
      return listOf(node, 'objects').flatMap((object) => objectName(kind, object) ?? []);
    }
    case 'DropRoleStmt':
      return listOf(node, 'roles').flatMap((item) => single('role', textOf(nodeOf(item, 'RoleSpec'), 'rolename')));
    case 'DropdbStmt':
      return single('database', textOf(node, 'dbname'));
    case 'DropSubscriptionStmt':
      return single('subscription', textOf(node, 'subname'));
    case 'DropTableSpaceStmt':
      return single('tablespace', textOf(node, 'tablespacename'));
    case 'DropUserMappingStmt':
      return single(
        'user mapping',
        `${textOf(nodeOf(node, 'user'), 'rolename') ?? 'PUBLIC'} ${textOf(node, 'servername') ?? ''}`,
      );
    default:
      return undefined;
  }
}
