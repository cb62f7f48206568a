import type { Issue, ScriptRule } from '../../rule';
import type { Work } from '../../impact/impact';

export const combineAlters: ScriptRule = {
  id: 'safety/combine-alters',
  title: 'Several ALTER TABLE of one table read or write it more than once',
  inUndo: true,
  begin(script) {
    const passes = new Map<string, Work>();
    return {
      on: ['AlterTableStmt'],
      *statement(context): Generator<Issue> {
        const table = context.keyIn();
        if (context.type !== 'AlterTableStmt' || table === undefined || script.isNewTable(table)) return;
        const pass = context.impacts.find(({ work, subtype }) => isPass(work, subtype));
        if (!pass) return;
        const before = passes.get(table);
        passes.set(table, pass.work);
        if (before === undefined) return;
        yield {
          ...context.headToRelation,
          message: `${table} is ${before === 'rewrite' ? 'written' : 'read'} by an ALTER TABLE before and ${pass.work === 'rewrite' ? 'written' : 'read'} again by this one. As subcommands of one ALTER TABLE they share the pass.`,
          weighs: { table, work: pass.work },
        };
      },
    };
  },
};

/** A pass over the table that another subcommand can share; a VALIDATE under its weaker lock is better by itself. */
function isPass(work: Work, subtype: string): boolean {
  return (
    (work === 'scan' || work === 'rewrite') && subtype !== 'AT_ValidateConstraint' && subtype !== 'AT_AttachPartition'
  );
}
