import type { TreeNode } from '../../sql/grammar';
import { relationKey } from '../script-memory';
import { listOf, namesOf, nodeOf, relationOf, textOf } from '../tree';
import { typeNameOf } from '../type-name';
import type { Catalog } from './catalog';
import type { CatalogObject, NameSpace } from './catalog-object';

/** An object as a statement names it: by its key, on a table where it stands on one. */
export interface ObjectName {
  readonly space: NameSpace;
  readonly kind: string;
  readonly key: string;
  /** The key of the table, or of the type, that it is on. */
  readonly on?: { readonly space: NameSpace; readonly kind: string; readonly key: string };
}

/** Kinds of objects that have a name of their own, by PostgreSQL's names for them: their space and the word for a person. */
const plain: Readonly<Record<string, readonly [NameSpace, string]>> = {
  OBJECT_TABLE: ['relation', 'table'],
  OBJECT_FOREIGN_TABLE: ['relation', 'table'],
  OBJECT_VIEW: ['relation', 'view'],
  OBJECT_MATVIEW: ['relation', 'materialized view'],
  OBJECT_SEQUENCE: ['relation', 'sequence'],
  OBJECT_INDEX: ['relation', 'index'],
  OBJECT_TYPE: ['type', 'type'],
  OBJECT_DOMAIN: ['type', 'type'],
  OBJECT_SCHEMA: ['schema', 'schema'],
  OBJECT_EXTENSION: ['extension', 'extension'],
  OBJECT_COLLATION: ['collation', 'collation'],
  OBJECT_CONVERSION: ['conversion', 'conversion'],
  OBJECT_STATISTIC_EXT: ['statistics', 'statistics'],
  OBJECT_EVENT_TRIGGER: ['event trigger', 'event trigger'],
  OBJECT_PUBLICATION: ['publication', 'publication'],
  OBJECT_SUBSCRIPTION: ['subscription', 'subscription'],
  OBJECT_ROLE: ['role', 'role'],
  OBJECT_DATABASE: ['database', 'database'],
  OBJECT_TABLESPACE: ['tablespace', 'tablespace'],
  OBJECT_LANGUAGE: ['language', 'language'],
  OBJECT_FDW: ['foreign-data wrapper', 'foreign-data wrapper'],
  OBJECT_FOREIGN_SERVER: ['server', 'server'],
  OBJECT_ACCESS_METHOD: ['access method', 'access method'],
  OBJECT_TSCONFIGURATION: ['text search configuration', 'text search configuration'],
  OBJECT_TSDICTIONARY: ['text search dictionary', 'text search dictionary'],
  OBJECT_TSPARSER: ['text search parser', 'text search parser'],
  OBJECT_TSTEMPLATE: ['text search template', 'text search template'],
};

const routines: Readonly<Record<string, string>> = {
  OBJECT_FUNCTION: 'function',
  OBJECT_PROCEDURE: 'procedure',
  OBJECT_ROUTINE: 'function',
  OBJECT_AGGREGATE: 'aggregate',
};

const onTables: Readonly<Record<string, string>> = {
  OBJECT_TRIGGER: 'trigger',
  OBJECT_POLICY: 'policy',
  OBJECT_RULE: 'rule',
  OBJECT_TABCONSTRAINT: 'constraint',
  OBJECT_COLUMN: 'column',
};

/** The name of an object of a DROP, COMMENT, ALTER … OWNER and their kin; undefined for a kind that is not told apart. */
export function objectName(objectType: string, object: TreeNode | undefined): ObjectName | undefined {
  const routine = routines[objectType];
  if (routine !== undefined) return routineName(routine, nodeOf(object, 'ObjectWithArgs') ?? object);
  const known = plain[objectType];
  const names = namesIn(object);
  if (known) return names.length === 0 ? undefined : { space: known[0], kind: known[1], key: keyOf(names) };
  const onTable = onTables[objectType];
  if (onTable !== undefined) {
    const on = { space: 'relation', kind: 'table', key: keyOf(names.slice(0, -1)) };
    return { space: onTable, kind: onTable, key: names.at(-1) ?? '?', on };
  }
  if (objectType === 'OBJECT_DOMCONSTRAINT') {
    const types = namesOf(listOf(nodeOf(listOf(nodeOf(object, 'List'), 'items')[0], 'TypeName'), 'names'));
    return {
      space: 'constraint',
      kind: 'constraint',
      key: names.at(-1) ?? '?',
      on: { space: 'type', kind: 'type', key: keyOf(types) },
    };
  }
  if (objectType === 'OBJECT_CAST' || objectType === 'OBJECT_TRANSFORM') {
    const types = listOf(nodeOf(object, 'List'), 'items').map(
      (item) => typeNameOf(nodeOf(item, 'TypeName')) ?? textOf(nodeOf(item, 'String'), 'sval') ?? '?',
    );
    return { space: 'cast', kind: 'cast', key: types.join(' AS ') };
  }
  if (objectType === 'OBJECT_OPERATOR') {
    const operator = nodeOf(object, 'ObjectWithArgs');
    const types = listOf(operator, 'objargs').map((item) => typeNameOf(nodeOf(item, 'TypeName')) ?? 'none');
    return {
      space: 'operator',
      kind: 'operator',
      key: `${keyOf(namesOf(listOf(operator, 'objname')))}(${types.join(',')})`,
    };
  }
  if (objectType === 'OBJECT_OPCLASS' || objectType === 'OBJECT_OPFAMILY') {
    const kind = objectType === 'OBJECT_OPCLASS' ? 'operator class' : 'operator family';
    return { space: kind, kind, key: names.join('.') };
  }
  return undefined;
}

/** A function's key: its name and the types of what goes in; without types when the statement leaves them out. */
export function routineName(kind: string, withArguments: TreeNode | undefined): ObjectName {
  const name = keyOf(namesOf(listOf(withArguments, 'objname')));
  if (withArguments?.['args_unspecified'] === true) return { space: 'routine', kind, key: name };
  const types = listOf(withArguments, 'objargs').map((item) => typeOf(nodeOf(item, 'TypeName')));
  return { space: 'routine', kind, key: `${name}(${types.join(',')})` };
}

/** The key of a routine that is created, with its parameters. */
export function createdRoutine(names: readonly string[], parameters: readonly TreeNode[]): string {
  const types = parameters
    .map((item) => nodeOf(item, 'FunctionParameter'))
    .filter((parameter) => !['FUNC_PARAM_OUT', 'FUNC_PARAM_TABLE'].includes(textOf(parameter, 'mode') ?? ''))
    .map((parameter) => typeOf(nodeOf(parameter, 'argType')));
  return `${keyOf(names)}(${types.join(',')})`;
}

/** A type without modifiers, which do not count in a signature. */
function typeOf(node: TreeNode | undefined): string {
  return (typeNameOf(node) ?? '?').replace(/\([\d,]+\)/, '').replace(/^"?public"?\./, '');
}

/** `schema.name`, `public` left out. */
export function keyOf(names: readonly string[]): string {
  return relationKey({ schema: names.at(-2), name: names.at(-1) ?? '?' });
}

/** The key of a RangeVar. */
export function rangeKey(range: TreeNode | undefined): string | undefined {
  const name = relationOf(range);
  return name && relationKey(name);
}

/** The object of a name in the catalog, assumed where no script made it. */
export function resolve(catalog: Catalog, { space, kind, key, on }: ObjectName): CatalogObject {
  const parent = on && catalog.get(on.space, on.key, on.kind);
  return findNamed(catalog, { space, kind, key, ...(on && { on }) }) ?? catalog.get(space, key, kind, parent);
}

/** The object of a name, when the catalog has one. */
export function findNamed(catalog: Catalog, { space, key, on }: ObjectName): CatalogObject | undefined {
  const parent = on && catalog.find(on.space, on.key);
  if (on && !parent) return undefined;
  const exact = catalog.find(space, key, parent);
  // A routine whose arguments are left out must be the only one of its name.
  return exact ?? (space === 'routine' && !key.includes('(') ? catalog.routineNamed(key) : undefined);
}

function namesIn(object: TreeNode | undefined): string[] {
  const single = textOf(nodeOf(object, 'String'), 'sval');
  if (single !== undefined) return [single];
  const type = nodeOf(object, 'TypeName');
  if (type) return namesOf(listOf(type, 'names'));
  return namesOf(listOf(nodeOf(object, 'List'), 'items').filter((item) => nodeOf(item, 'String') !== undefined));
}
