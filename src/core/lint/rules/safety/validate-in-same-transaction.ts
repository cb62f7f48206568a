import { textOf } from '../../../rollback/tree';
import type { Issue, StatementRule } from '../../rule';

export const validateInSameTransaction: StatementRule = {
  id: 'safety/validate-in-same-transaction',
  title: 'VALIDATE CONSTRAINT in the transaction that added it NOT VALID',
  inUndo: true,
  on: ['AT_ValidateConstraint'],
  *check(context): Generator<Issue> {
    const { relation, transaction } = context;
    if (!relation || transaction === undefined || context.script.isNew(relation)) return;
    for (const { command, start, end } of context.commands('AT_ValidateConstraint')) {
      const name = context.name(textOf(command, 'name'));
      const added = relation.constraints.find((constraint) => constraint.name === name);
      const { script, transaction: own } = added?.origin ?? { script: undefined, transaction: undefined };
      if (script !== context.script.script.path || own !== transaction) continue;
      yield {
        start,
        end,
        message: `${name} is added in the same transaction, so its lock is still held while every row of ${relation.key} is read: NOT VALID gains nothing. Validate it in a script of its own.`,
        weighs: { table: relation.key, work: 'scan' },
      };
    }
  },
};
