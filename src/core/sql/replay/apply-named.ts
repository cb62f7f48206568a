import { nodeOf, relationOf } from '../../rollback/tree';
import { changeRelation } from './change-relation';
import { onTableKey, otherKey } from './object-reference';
import type { Schema } from './schema';
import { definitionOf, keyOf, type StatementScope } from './scope';

/** An object of which the replay follows nothing but the name and how it was made. */
export function putNamed(schema: Schema, scope: StatementScope, type: string, name: string | undefined): void {
  if (name === undefined) return;
  const key = otherKey(type, scope.restore(name));
  schema.put({ kind: 'other', type, key, origin: scope.origin, definition: definitionOf(scope) });
}

/** The same of what stands on a table, which is in a field of the statement. */
export function putOnTable(
  schema: Schema,
  scope: StatementScope,
  type: 'trigger' | 'policy' | 'rule',
  given: string | undefined,
  field: string,
): void {
  const table = relationOf(nodeOf(scope.statement.node, field));
  if (!table || given === undefined) return;
  const name = scope.restore(given);
  const on = keyOf(scope, table);
  const definition = definitionOf(scope);
  schema.put({ kind: 'other', type, key: onTableKey(type, on, name), origin: scope.origin, definition });
  if (type === 'rule') return;
  changeRelation(schema, on, ({ triggers, policies }) =>
    type === 'trigger'
      ? { triggers: [...new Set([...triggers, name])] }
      : { policies: [...new Set([...policies, name])] },
  );
}
