import { listOf, nodeOf } from '../../../rollback/tree';
import type { Issue, ScriptRule } from '../../rule';

export const tableWithoutPrimaryKey: ScriptRule = {
  id: 'safety/table-without-primary-key',
  title: 'A table without a primary key',
  inUndo: false,
  begin(script) {
    const created: { readonly table: string; readonly start: number; readonly end: number }[] = [];
    return {
      on: ['CreateStmt'],
      statement(context) {
        const { node } = context;
        const table = context.keyIn();
        if (context.type !== 'CreateStmt' || table === undefined || context.schema.relation(table)) return [];
        // A partition, an heir and a copy of another table have what that one has, or are meant to be without.
        const like = listOf(node, 'tableElts').some((item) => nodeOf(item, 'TableLikeClause'));
        if (!like && listOf(node, 'inhRelations').length === 0 && !nodeOf(node, 'ofTypename'))
          created.push({ table, ...context.headToRelation });
        return [];
      },
      *end(): Generator<Issue> {
        for (const { table, start, end } of created) {
          const relation = script.schema.relation(table);
          if (relation?.persistence !== 'permanent') continue;
          if (relation.constraints.some(({ kind }) => kind === 'primary-key')) continue;
          yield {
            start,
            end,
            message: `${table} has no primary key: logical replication refuses its updates and deletes, and two equal rows cannot be told apart.`,
          };
        }
      },
    };
  },
};
