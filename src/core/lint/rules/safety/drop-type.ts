import { columnsOfType } from '../../../sql/replay/change-relation';
import { droppedObjects } from '../../dropped-objects';
import type { Issue, StatementRule } from '../../rule';

export const dropType: StatementRule = {
  id: 'safety/drop-type',
  title: 'DROP TYPE or DOMAIN that columns, functions or clients may use',
  inUndo: false,
  on: ['DropStmt'],
  *check(context): Generator<Issue> {
    for (const { reference, isNew, cascade } of droppedObjects(context, 'OBJECT_TYPE', 'OBJECT_DOMAIN')) {
      if (isNew) continue;
      const users = columnsOfType(context.schema, reference.key).map(
        ({ relation, column }) => `${relation.key}.${column.name}`,
      );
      if (users.length > 0)
        yield {
          ...context.head,
          ...(!cascade && { severity: 'error' as const }),
          message: cascade
            ? `CASCADE drops the columns of the type ${reference.key} with their data: ${users.join(', ')}.`
            : `PostgreSQL refuses: ${users.join(', ')} ${users.length === 1 ? 'is' : 'are'} of the type ${reference.key}.`,
        };
      else
        yield {
          ...context.head,
          severity: 'information',
          message: `Statements that instances of the application have prepared with the type ${reference.key} fail from here on.`,
        };
    }
  },
};
