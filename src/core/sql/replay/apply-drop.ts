import { listOf, textOf } from '../../rollback/tree';
import type { TreeNode } from '../grammar';
import { changeRelation, removeIndex, removeRelation } from './change-relation';
import { referenceOf } from './object-reference';
import type { Schema } from './schema';
import type { StatementScope } from './scope';

/** DROP of anything. What CASCADE takes with it is followed only into a schema. */
export function applyDrop(schema: Schema, scope: StatementScope, node: TreeNode): void {
  const kind = textOf(node, 'removeType') ?? '';
  for (const object of listOf(node, 'objects')) {
    const reference = referenceOf(schema, scope, kind, object);
    if (!reference) continue;
    if (reference.kind === 'relation') dropRelation(schema, reference.key, textOf(node, 'behavior') === 'DROP_CASCADE');
    else if (reference.kind === 'index') removeIndex(schema, reference.key);
    else schema.remove(reference.kind, reference.key);
    if (kind === 'OBJECT_SCHEMA') dropSchema(schema, reference.key.replace(/^schema /, ''));
    if (kind === 'OBJECT_TRIGGER' || kind === 'OBJECT_POLICY') unlink(schema, reference.key);
  }
}

/** With CASCADE the foreign keys that point at the table go too. */
function dropRelation(schema: Schema, key: string, cascade: boolean): void {
  removeRelation(schema, key);
  if (!cascade) return;
  for (const other of schema.all('relation')) {
    const left = other.constraints.filter(({ references }) => references?.table !== key);
    if (left.length < other.constraints.length) schema.put({ ...other, constraints: left });
  }
}

function dropSchema(schema: Schema, name: string): void {
  const inside = (key: string): boolean => (name === 'public' ? !key.includes('.') : key.startsWith(`${name}.`));
  for (const relation of schema.all('relation')) if (inside(relation.key)) removeRelation(schema, relation.key);
  for (const kind of ['index', 'type', 'routine'] as const)
    for (const { key } of schema.all(kind)) if (inside(key)) schema.remove(kind, key);
}

/** Takes a trigger or a policy out of the list of its table. */
function unlink(schema: Schema, key: string): void {
  const [, kind = '', table = '', name = ''] = /^(\S+) (.*) (\S+)$/.exec(key) ?? [];
  if (!schema.relation(table)) return;
  changeRelation(schema, table, ({ triggers, policies }) =>
    kind === 'trigger'
      ? { triggers: triggers.filter((one) => one !== name) }
      : { policies: policies.filter((one) => one !== name) },
  );
}
