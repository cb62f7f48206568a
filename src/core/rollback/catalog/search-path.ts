import type { TreeNode } from '../../sql/grammar';
import { nodeOf, textOf } from '../tree';
import type { Catalog } from './catalog';
import type { NameSpace } from './catalog-object';

/** Lists of names that a statement makes, by its type: they are in the searched schema whatever else has the name. */
const made: Readonly<Record<string, string>> = {
  CreateFunctionStmt: 'funcname',
  CreateEnumStmt: 'typeName',
  CreateRangeStmt: 'typeName',
  CreateDomainStmt: 'domainname',
  CompositeTypeStmt: 'typevar',
  CreateStmt: 'relation',
  CreateSeqStmt: 'sequence',
  ViewStmt: 'view',
  CreateTableAsStmt: 'into',
};

/** What the names in `object` and `objects` of a statement stand for; how many of the last are not the object's schema and name. */
const named: Readonly<Record<string, readonly [NameSpace, number]>> = {
  OBJECT_TABLE: ['relation', 0],
  OBJECT_FOREIGN_TABLE: ['relation', 0],
  OBJECT_VIEW: ['relation', 0],
  OBJECT_MATVIEW: ['relation', 0],
  OBJECT_SEQUENCE: ['relation', 0],
  OBJECT_INDEX: ['relation', 0],
  OBJECT_COLUMN: ['relation', 1],
  OBJECT_TRIGGER: ['relation', 1],
  OBJECT_POLICY: ['relation', 1],
  OBJECT_RULE: ['relation', 1],
  OBJECT_TABCONSTRAINT: ['relation', 1],
};

/**
 * A statement with the schema written before each name that has none, as PostgreSQL finds it with `schema` first in the
 * search_path: what is made is made there; what is used is looked for there, then in public.
 */
export function withSearchedSchema(catalog: Catalog, type: string, node: TreeNode, schema: string): TreeNode {
  const isIn = (space: NameSpace, name: string): boolean =>
    catalog.find(space, `${schema}.${name}`) !== undefined ||
    (space === 'routine' && catalog.routineNamed(`${schema}.${name}`) !== undefined);
  const isPublic = (space: NameSpace, name: string): boolean =>
    catalog.find(space, name) !== undefined || (space === 'routine' && catalog.routineNamed(name) !== undefined);
  // A table of which no script tells is more likely in the schema that was asked for; a type or a function is PostgreSQL's own.
  const belongs = (space: NameSpace, name: string): boolean =>
    isIn(space, name) || (space === 'relation' && !isPublic(space, name));
  const listed = (names: unknown, space: NameSpace, behind = 0, own = false): unknown => {
    const all = Array.isArray(names) ? (names as readonly TreeNode[]) : [];
    const name = textOf(nodeOf(all[0], 'String'), 'sval');
    if (all.length !== behind + 1 || name === undefined || !(own || belongs(space, name))) return names;
    return [{ String: { sval: schema } }, ...all];
  };
  const kind = named[textOf(node, 'removeType') ?? textOf(node, 'objtype') ?? textOf(node, 'renameType') ?? ''];
  const walk = (value: unknown, field: string, own: boolean): unknown => {
    if (Array.isArray(value)) return value.map((item) => walk(item, field, own));
    if (typeof value !== 'object' || value === null) return value;
    const inner = value as TreeNode;
    const name = textOf(inner, 'relname');
    if (name !== undefined && inner['schemaname'] === undefined && textOf(inner, 'relpersistence') !== 't')
      return own || belongs('relation', name) ? { ...inner, schemaname: schema } : inner;
    const result: Record<string, unknown> = {};
    for (const [key, child] of Object.entries(inner)) {
      if (field === 'TypeName' || field === 'typeName' || field === 'returnType' || field === 'argType')
        result[key] = key === 'names' ? listed(child, 'type') : walk(child, key, false);
      else if (key === 'objname' || (key === 'funcname' && field === 'FuncCall'))
        result[key] = listed(child, 'routine');
      else if (key === 'items' && kind && field === 'List') result[key] = listed(child, kind[0], kind[1]);
      else result[key] = walk(child, key, own);
    }
    return result;
  };
  const target = made[type];
  return Object.fromEntries(
    Object.entries(node).map(([field, value]) => {
      // The function of a trigger.
      if (field === 'funcname' && type === 'CreateTrigStmt') return [field, listed(value, 'routine')];
      if (field !== target) return [field, walk(value, field, false)];
      return [field, Array.isArray(value) ? listed(value, 'relation', 0, true) : walk(value, field, true)];
    }),
  );
}
