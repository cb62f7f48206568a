import { textOf } from '../../../rollback/tree';
import type { StatementRule } from '../../rule';

export const dropDatabase: StatementRule = {
  id: 'safety/drop-database',
  title: 'DROP DATABASE in a migration',
  inUndo: true,
  on: ['DropdbStmt'],
  *check(context) {
    yield {
      ...context.head,
      message: `Drops the database ${context.name(textOf(context.node, 'dbname'))} with all that is in it. That is no step of a schema's history.`,
    };
  },
};
