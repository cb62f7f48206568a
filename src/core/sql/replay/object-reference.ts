import { listOf, namesOf, nodeOf, textOf } from '../../rollback/tree';
import type { TreeNode } from '../grammar';
import { routineNamed } from './apply-types';
import type { Schema } from './schema';
import type { ObjectKind } from './schema-object';
import { keyOfNames, type StatementScope } from './scope';

/** What a DROP, COMMENT or ALTER … OWNER names. */
export interface ObjectReference {
  readonly kind: ObjectKind;
  readonly key: string;
  /** Of a column: its table is the key. */
  readonly column?: string;
}

const relations = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_SEQUENCE', 'OBJECT_FOREIGN_TABLE']);
const routines = new Set(['OBJECT_FUNCTION', 'OBJECT_PROCEDURE', 'OBJECT_ROUTINE', 'OBJECT_AGGREGATE']);
/** What stands on a table and is named with it. */
const onTables = new Set(['OBJECT_TRIGGER', 'OBJECT_POLICY', 'OBJECT_RULE']);

/** Reads the object of a statement. Undefined for kinds that the replay does not follow. */
export function referenceOf(
  schema: Schema,
  scope: StatementScope,
  kind: string,
  object: TreeNode | undefined,
): ObjectReference | undefined {
  const listed = namesOf(listOf(nodeOf(object, 'List'), 'items'));
  const typeName = namesOf(listOf(nodeOf(object, 'TypeName'), 'names'));
  if (relations.has(kind)) return { kind: 'relation', key: keyOfNames(scope, listed) };
  if (kind === 'OBJECT_INDEX') return { kind: 'index', key: keyOfNames(scope, listed) };
  if (kind === 'OBJECT_COLUMN')
    return {
      kind: 'relation',
      key: keyOfNames(scope, listed.slice(0, -1)),
      column: scope.restore(listed.at(-1) ?? ''),
    };
  if (kind === 'OBJECT_TYPE' || kind === 'OBJECT_DOMAIN')
    return { kind: 'type', key: keyOfNames(scope, typeName.length > 0 ? typeName : listed) };
  if (routines.has(kind)) {
    const key = routineNamed(schema, scope, nodeOf(object, 'ObjectWithArgs'));
    return key === undefined ? undefined : { kind: 'routine', key };
  }
  if (onTables.has(kind)) {
    const key = onTableKey(kind, keyOfNames(scope, listed.slice(0, -1)), scope.restore(listed.at(-1) ?? ''));
    return { kind: 'other', key };
  }
  const single = textOf(nodeOf(object, 'String'), 'sval');
  return single === undefined ? undefined : { kind: 'other', key: otherKey(kind, scope.restore(single)) };
}

/** `trigger orders audit`. */
export function onTableKey(kind: string, table: string, name: string): string {
  return `${kind.replace('OBJECT_', '').toLowerCase()} ${table} ${name}`;
}

/** `schema shop`, `extension citext`. */
export function otherKey(kind: string, name: string): string {
  return `${kind.replace('OBJECT_', '').toLowerCase()} ${name}`;
}
