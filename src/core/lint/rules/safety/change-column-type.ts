import { textOf } from '../../../rollback/tree';
import { changeOfType } from '../../impact/impact-of-alter-table';
import { lockOn } from '../../impact/lock-phrase';
import type { Issue, StatementRule } from '../../rule';

const advice =
  'Add a column of the new type, keep both in step with a trigger, fill the old rows in small batches, and swap the names.';

export const changeColumnType: StatementRule = {
  id: 'safety/change-column-type',
  title: 'A change of type that writes the table or its indexes again',
  versions: 'timestamp and timestamptz in a session of UTC: no rewrite in 12 and later',
  inUndo: true,
  on: ['AT_AlterColumnType'],
  *check(context): Generator<Issue> {
    const table = context.keyIn();
    if (table === undefined || context.script.isNewTable(table)) return;
    for (const impact of context.commands('AT_AlterColumnType')) {
      const { from, to, rewrite } = changeOfType(context.schema, context.scope, table, impact.command);
      const column = `${table}.${context.name(textOf(impact.command, 'name'))}`;
      const retyped = from === undefined ? `${column} to ${to}` : `${column} from ${from} to ${to}`;
      const change = from === to ? `the collation of ${column}` : retyped;
      const place = { start: impact.start, end: impact.end };
      const lock = lockOn('AccessExclusive', table);
      if (rewrite === 'table')
        yield {
          ...place,
          message: `Changing ${change} writes all of ${table} and its indexes again under ${lock}. ${advice}`,
          weighs: { table, work: 'rewrite' },
        };
      else if (rewrite === 'time-zone')
        yield {
          ...place,
          message: `Changing ${change} changes nothing on disk but indexes while the session's time zone is UTC; in any other it writes all of ${table} again under ${lock}, and reads the values in that zone. Write SET LOCAL timezone = 'UTC' before it, if that is what they are.`,
          weighs: { table, work: 'rewrite' },
        };
      else if ((rewrite === 'indexes' || rewrite === 'none') && impact.work === 'build')
        yield {
          ...place,
          message: `Changing ${change} leaves the rows as they are but builds the indexes on it again (${impact.rewrites.join(', ')}) under ${lock}.`,
          weighs: { table, work: 'build' },
        };
      else if (rewrite === 'unknown')
        yield {
          ...place,
          severity: 'information',
          message: `No script here tells the type of ${column} before. Unless ${to} only widens it, all of ${table} is written again under ${lock}.`,
          weighs: { table, work: 'unknown' },
        };
    }
  },
};
