import { flagOf, listOf, textOf } from '../rollback/tree';
import { referenceOf, type ObjectReference } from '../sql/replay/object-reference';
import type { StatementContext } from './statement-context';

export interface DroppedObject {
  readonly reference: ObjectReference;
  readonly cascade: boolean;
  readonly ifExists: boolean;
  /** A script of this run makes it, and nobody uses it yet. */
  readonly isNew: boolean;
}

/** The objects of these kinds that a DROP names. */
export function droppedObjects(context: StatementContext, ...kinds: readonly string[]): DroppedObject[] {
  const { node, schema, scope } = context;
  const kind = textOf(node, 'removeType') ?? '';
  if (context.type !== 'DropStmt' || (kinds.length > 0 && !kinds.includes(kind))) return [];
  return listOf(node, 'objects').flatMap((object): DroppedObject[] => {
    const reference = referenceOf(schema, scope, kind, object);
    if (!reference) return [];
    const found = schema.get(reference.kind, reference.key);
    return [
      {
        reference,
        cascade: textOf(node, 'behavior') === 'DROP_CASCADE',
        ifExists: flagOf(node, 'missing_ok'),
        isNew:
          found !== undefined &&
          (found.kind === 'relation'
            ? context.script.isNew(found)
            : found.origin.script === context.script.script.path),
      },
    ];
  });
}
