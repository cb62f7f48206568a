import { listOf, nodeOf, textOf } from '../../../rollback/tree';
import type { StatementRule } from '../../rule';

export const domainWithCheck: StatementRule = {
  id: 'types/domain-with-check',
  title: 'A domain with a constraint',
  inUndo: false,
  on: ['CreateDomainStmt'],
  *check(context) {
    const checks = listOf(context.node, 'constraints').some((item) =>
      ['CONSTR_CHECK', 'CONSTR_NOTNULL'].includes(textOf(nodeOf(item, 'Constraint'), 'contype') ?? ''),
    );
    if (checks)
      yield {
        ...context.head,
        message:
          'To change the constraint of a domain reads every table that uses it, and to add a column of it writes the table again. Use the plain type with a CHECK.',
      };
  },
};
