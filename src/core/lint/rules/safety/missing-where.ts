import { listOf, nodeOf, textOf } from '../../../rollback/tree';
import type { StatementRule } from '../../rule';

export const missingWhere: StatementRule = {
  id: 'safety/missing-where',
  title: 'UPDATE or DELETE of every row',
  inUndo: true,
  on: ['UpdateStmt', 'DeleteStmt'],
  *check(context) {
    const { node, relation } = context;
    const table = context.keyIn();
    if (table === undefined || nodeOf(node, 'whereClause') || context.script.isNewTable(table)) return;
    // A join restricts as well as WHERE does.
    if (listOf(node, 'fromClause').length > 0 || listOf(node, 'usingClause').length > 0) return;
    const columns = listOf(node, 'targetList').map((item) => context.name(textOf(nodeOf(item, 'ResTarget'), 'name')));
    const own = columns.filter((column) => relation?.columns.get(column)?.origin.script === context.script.script.path);
    const update = context.type === 'UpdateStmt';
    const fills = update && own.length === columns.length && columns.length > 0;
    yield {
      ...context.headToRelation,
      message: `${update ? 'UPDATE' : 'DELETE'} without WHERE ${update ? 'writes' : 'deletes'} every row of ${table}, and holds a lock on each until the script ends.${
        fills
          ? ' A DEFAULT in ADD COLUMN fills old rows without that; else fill them in small batches.'
          : ' If all of them are meant, say WHERE true, and do it in small batches.'
      }`,
      weighs: { table, work: 'scan' },
    };
  },
};
