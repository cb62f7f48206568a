import { flagOf, listOf, namesOf, nodeOf, textOf } from '../../../rollback/tree';
import { keyOfNames } from '../../../sql/replay/scope';
import type { Issue, StatementRule } from '../../rule';

export const domainConstraint: StatementRule = {
  id: 'safety/domain-constraint',
  title: 'A new constraint of a domain reads every table that uses it',
  inUndo: true,
  on: ['AlterDomainStmt'],
  *check(context): Generator<Issue> {
    const { node } = context;
    const subtype = textOf(node, 'subtype');
    const late = flagOf(nodeOf(nodeOf(node, 'def'), 'Constraint'), 'skip_validation');
    if ((subtype !== 'C' && subtype !== 'O') || late) return;
    const key = keyOfNames(context.scope, namesOf(listOf(node, 'typeName')));
    const users = (context.impacts[0]?.locks ?? []).map(({ relation }) => relation);
    const used = users.filter((table) => !context.script.isNewTable(table));
    if (users.length > 0 && used.length === 0) return;
    const tables = used.length === 0 ? 'every table with a column of it' : used.join(', ');
    const advice =
      subtype === 'C'
        ? 'Add it NOT VALID, and VALIDATE CONSTRAINT in a later script.'
        : 'Add a CHECK (VALUE IS NOT NULL) NOT VALID instead, and validate it later.';
    yield {
      ...context.head,
      message: `This reads ${tables} under SHARE, which blocks writes, to check each value of ${key}. ${advice}`,
      ...(used[0] !== undefined && { weighs: { table: used[0], work: 'scan' } as const }),
    };
  },
};
