import { listOf, nodeOf, relationOf } from '../../../rollback/tree';
import { keyOf } from '../../../sql/replay/scope';
import { hasOption } from '../../impact/impact-of-statement';
import { lockOn } from '../../impact/lock-phrase';
import type { Issue, StatementRule } from '../../rule';

const subcommands: Readonly<Record<string, string>> = {
  AT_SetLogged: 'SET LOGGED',
  AT_SetUnLogged: 'SET UNLOGGED',
  AT_SetTableSpace: 'SET TABLESPACE',
  AT_SetAccessMethod: 'SET ACCESS METHOD',
  AT_SetExpression: 'SET EXPRESSION',
};

export const rewriteTable: StatementRule = {
  id: 'safety/rewrite-table',
  title: 'VACUUM FULL, CLUSTER, SET LOGGED, SET TABLESPACE … write the whole table again',
  inUndo: true,
  on: ['VacuumStmt', 'ClusterStmt', ...Object.keys(subcommands)],
  *check(context): Generator<Issue> {
    const { node } = context;
    if (context.type === 'VacuumStmt') {
      if (!hasOption(listOf(node, 'options'), 'full')) return;
      const tables = listOf(node, 'rels').flatMap((item) => {
        const name = relationOf(nodeOf(nodeOf(item, 'VacuumRelation'), 'relation'));
        return name ? [keyOf(context.scope, name)] : [];
      });
      yield* issues(context.head, 'VACUUM FULL', tables.length === 0 ? [undefined] : tables);
    } else if (context.type === 'ClusterStmt') {
      const table = context.keyIn();
      if (!context.script.isNewTable(table)) yield* issues(context.head, 'CLUSTER', [table]);
    } else {
      const table = context.keyIn();
      if (context.script.isNewTable(table)) return;
      for (const { subtype, start, end } of context.commands(...Object.keys(subcommands)))
        yield* issues({ start, end }, subcommands[subtype] ?? '', [table]);
    }
  },
};

function* issues(
  place: { readonly start: number; readonly end: number },
  what: string,
  tables: readonly (string | undefined)[],
): Generator<Issue> {
  for (const table of tables)
    yield {
      ...place,
      message: `${what} writes ${table === undefined ? 'every table of the database' : `all of ${table}`} and its indexes again under ${lockOn('AccessExclusive', table)}, and needs as much free disk. Run it outside of the migrations; pg_repack does the same with locks of moments.`,
      ...(table !== undefined && { weighs: { table, work: 'rewrite' } as const }),
    };
}
