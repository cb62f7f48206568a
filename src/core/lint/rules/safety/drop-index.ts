import { flagOf, listOf, textOf } from '../../../rollback/tree';
import { referenceOf } from '../../../sql/replay/object-reference';
import { isPartitioned } from '../../impact/impact';
import { lockOn } from '../../impact/lock-phrase';
import type { Issue, StatementRule } from '../../rule';

export const dropIndex: StatementRule = {
  id: 'safety/drop-index',
  title: 'DROP INDEX without CONCURRENTLY, or of an index that a constraint needs',
  inUndo: true,
  on: ['DropStmt'],
  *check(context): Generator<Issue> {
    const { node, schema } = context;
    if (textOf(node, 'removeType') !== 'OBJECT_INDEX') return;
    for (const object of listOf(node, 'objects')) {
      const key = referenceOf(schema, context.scope, 'OBJECT_INDEX', object)?.key;
      const index = key === undefined ? undefined : schema.index(key);
      if (index?.constraint !== undefined) {
        const drop = `ALTER TABLE ${index.table} DROP CONSTRAINT ${index.constraint}`;
        yield {
          ...context.head,
          severity: 'error',
          message: `PostgreSQL refuses to drop ${index.key}: the constraint ${index.constraint} of ${index.table} needs it. Write ${drop}.`,
        };
        continue;
      }
      const partitioned = index && isPartitioned(schema.relation(index.table));
      if (flagOf(node, 'concurrent')) {
        if (partitioned === true)
          yield {
            ...context.head,
            severity: 'error',
            message: `PostgreSQL refuses CONCURRENTLY for ${index.key}, the index of the partitioned table ${index.table}. Drop it without, with a lock_timeout.`,
          };
      } else if (!context.script.isNewTable(index?.table)) {
        const advice =
          partitioned === true
            ? 'An index of a partitioned table cannot be dropped CONCURRENTLY: set a lock_timeout.'
            : 'Drop it CONCURRENTLY, in a script of its own.';
        yield {
          ...context.head,
          message: `DROP INDEX takes ${lockOn('AccessExclusive', index?.table ?? 'the table of the index')}, and waits for every transaction that uses it, with all others behind it. ${advice}`,
        };
      }
    }
  },
};
