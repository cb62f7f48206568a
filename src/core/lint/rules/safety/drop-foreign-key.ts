import { textOf } from '../../../rollback/tree';
import { lockOn } from '../../impact/lock-phrase';
import type { Issue, StatementRule } from '../../rule';

export const dropForeignKey: StatementRule = {
  id: 'safety/drop-foreign-key',
  title: 'DROP of a foreign key locks the referenced table too',
  inUndo: true,
  on: ['AT_DropConstraint'],
  *check(context): Generator<Issue> {
    const { relation } = context;
    if (!relation || context.script.isNew(relation)) return;
    for (const { command, start, end } of context.commands('AT_DropConstraint')) {
      const name = context.name(textOf(command, 'name'));
      const target = relation.constraints.find((constraint) => constraint.name === name)?.references?.table;
      if (target === undefined || target === relation.key) continue;
      yield {
        start,
        end,
        message: `Dropping the foreign key ${name} takes ${lockOn('AccessExclusive', relation.key)}, and the same on ${target}: both wait for every transaction that uses them. Set a lock_timeout, and do nothing else in this script.`,
      };
    }
  },
};
