import { isProven } from '../../impact/proven-not-null';
import { lockOn } from '../../impact/lock-phrase';
import type { Issue, StatementRule } from '../../rule';

export const setNotNull: StatementRule = {
  id: 'safety/set-not-null',
  title: 'SET NOT NULL without a validated check reads the whole table under ACCESS EXCLUSIVE',
  versions: '12 and later trust a validated check; 18 has NOT NULL … NOT VALID',
  inUndo: true,
  on: ['AT_SetNotNull'],
  *check(context): Generator<Issue> {
    const table = context.keyIn();
    if (table === undefined || context.script.isNewTable(table)) return;
    for (const { command, start, end } of context.commands('AT_SetNotNull')) {
      const column = context.name(typeof command['name'] === 'string' ? command['name'] : undefined);
      if (isProven(context.schema, table, column)) continue;
      const name = `${table.replaceAll('.', '_')}_${column}_not_null`;
      const late = (context.script.major ?? 0) >= 18;
      const advice = late
        ? `Since PostgreSQL 18: ADD CONSTRAINT ${name} NOT NULL ${column} NOT VALID here, and VALIDATE CONSTRAINT it in a later script.`
        : `ADD CONSTRAINT ${name} CHECK (${column} IS NOT NULL) NOT VALID here, VALIDATE it in the next script, and SET NOT NULL behind that: it trusts the check.`;
      yield {
        start,
        end,
        message: `SET NOT NULL reads every row of ${table} under ${lockOn('AccessExclusive', table)}. ${advice}`,
        weighs: { table, work: 'scan' },
      };
    }
  },
};
