import { listOf, nodeOf, textOf } from '../../../rollback/tree';
import { isLiteral } from '../../named-rows';
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
    const targets = listOf(node, 'targetList').map((item) => nodeOf(item, 'ResTarget'));
    const columns = targets.map((target) => context.name(textOf(target, 'name')));
    const own = columns.filter((column) => relation?.columns.get(column)?.origin.script === context.script.script.path);
    const update = context.type === 'UpdateStmt';
    // What depends on the row is no default of a column.
    const fills =
      update &&
      own.length === columns.length &&
      columns.length > 0 &&
      targets.every((target) => isLiteral(nodeOf(target, 'val')));
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
