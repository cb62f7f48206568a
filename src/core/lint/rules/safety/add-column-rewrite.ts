import { addedColumn, type RewriteReason } from '../../impact/impact-of-add-column';
import { lockOn } from '../../impact/lock-phrase';
import type { Issue, StatementRule } from '../../rule';

const because: Readonly<Record<RewriteReason, string>> = {
  default: 'its default is volatile, so each row needs a value of its own',
  serial: 'a serial column needs a number for each row',
  identity: 'an identity column needs a number for each row',
  stored: 'a stored generated column needs a value for each row',
  domain: 'its domain has a constraint, which each row is checked against by writing it again',
};
const instead: Readonly<Record<RewriteReason, string>> = {
  default: 'Add it without a default, SET DEFAULT for new rows, and fill the old ones in small batches.',
  serial: 'Add a plain column, fill it in small batches, then attach a sequence.',
  identity: 'Add a plain column, fill it in small batches, then ADD GENERATED … AS IDENTITY.',
  stored: 'Add a plain column, keep it up to date with a trigger, and fill the old rows in small batches.',
  domain: "Add a column of the domain's base type and a NOT VALID check, and validate it later.",
};

export const addColumnRewrite: StatementRule = {
  id: 'safety/add-column-rewrite',
  title: 'ADD COLUMN that writes the whole table again',
  versions: '11 and later add a constant default without it',
  inUndo: true,
  on: ['AT_AddColumn'],
  *check(context): Generator<Issue> {
    const table = context.keyIn();
    if (table === undefined || context.script.isNewTable(table)) return;
    for (const impact of context.commands('AT_AddColumn')) {
      const { reason, name, volatility } = addedColumn(context.schema, context.scope, impact.command);
      if (reason !== undefined)
        yield {
          start: impact.start,
          end: impact.end,
          message: `Adding ${name} writes all of ${table} and its indexes again under ${lockOn('AccessExclusive', table)}: ${because[reason]}. ${instead[reason]}`,
          weighs: { table, work: 'rewrite' },
        };
      else if (volatility === 'unknown')
        yield {
          start: impact.start,
          end: impact.end,
          severity: 'information',
          message: `If the function in the default of ${name} is volatile, as functions are unless they say otherwise, all of ${table} is written again under ${lockOn('AccessExclusive', table)}. No script here defines it.`,
          weighs: { table, work: 'unknown' },
        };
    }
  },
};
