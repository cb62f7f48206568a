import { droppedObjects } from '../../dropped-objects';
import type { Issue, StatementRule } from '../../rule';

export const dropTable: StatementRule = {
  id: 'safety/drop-table',
  title: 'DROP TABLE breaks the code that still uses it',
  inUndo: false,
  on: ['DropStmt'],
  *check(context): Generator<Issue> {
    const tables = droppedObjects(context, 'OBJECT_TABLE', 'OBJECT_FOREIGN_TABLE').filter(({ isNew }) => !isNew);
    if (tables.length === 0) return;
    const names = tables.map(({ reference }) => reference.key).join(', ');
    const others = context.impacts.flatMap(({ locks }) => locks.map(({ relation }) => relation));
    const alsoLocked = [...new Set(others)].filter((key) => !tables.some(({ reference }) => reference.key === key));
    const more =
      alsoLocked.length === 0
        ? ''
        : ` It takes ACCESS EXCLUSIVE on ${alsoLocked.join(', ')} too, so set a lock_timeout.`;
    yield {
      ...context.head,
      message: `Instances of the application that still use ${names} fail from here on, and the rows are gone: release the code that does not, first; rename the table and drop it later.${more}`,
    };
  },
};
