import { flagOf, listOf, textOf } from '../../rollback/tree';
import type { TreeNode } from '../../sql/grammar';
import { columnsOfType } from '../../sql/replay/change-relation';
import { referenceOf } from '../../sql/replay/object-reference';
import type { Schema } from '../../sql/replay/schema';
import type { StatementScope } from '../../sql/replay/scope';
import { locked, noEffects, type Effects, type Lock } from './impact';
import { around } from './impact-of-partition';

/** DROP locks what goes, the table of an index, and the tables that a dropped one refers to or is a part of. */
export function dropEffects(schema: Schema, scope: StatementScope, node: TreeNode): Effects {
  const kind = textOf(node, 'removeType') ?? '';
  const locks = listOf(node, 'objects').flatMap((object): Lock[] => {
    const reference = referenceOf(schema, scope, kind, object);
    if (!reference) return [];
    switch (reference.kind) {
      case 'index':
        return locked([
          schema.index(reference.key)?.table,
          flagOf(node, 'concurrent') ? 'ShareUpdateExclusive' : 'AccessExclusive',
        ]);
      case 'relation':
        return droppedRelation(schema, reference.key);
      case 'type':
        return textOf(node, 'behavior') === 'DROP_CASCADE' ? columnsDropped(schema, reference.key) : [];
      case 'other':
        return locked([tableOf(kind, reference.key), 'AccessExclusive']);
      default:
        return [];
    }
  });
  return { ...noEffects, locks };
}

function droppedRelation(schema: Schema, key: string): Lock[] {
  const relation = schema.relation(key);
  const referenced = relation?.constraints.flatMap(({ references }) => references?.table ?? []) ?? [];
  return locked(
    [key, 'AccessExclusive'],
    ...referenced.filter((table) => table !== key).map((table) => [table, 'AccessExclusive'] as const),
    ...(relation?.partitionOf === undefined ? [] : around(schema, relation.partitionOf)),
  );
}

/** CASCADE of a type drops the columns of it. */
function columnsDropped(schema: Schema, type: string): Lock[] {
  const users = new Set(columnsOfType(schema, type).map(({ relation }) => relation.key));
  return locked(...[...users].map((key) => [key, 'AccessExclusive'] as const));
}

/** The table in `trigger orders audit`. */
function tableOf(kind: string, key: string): string | undefined {
  if (!['OBJECT_TRIGGER', 'OBJECT_POLICY', 'OBJECT_RULE'].includes(kind)) return undefined;
  return /^\S+ (.*) \S+$/.exec(key)?.[1];
}
