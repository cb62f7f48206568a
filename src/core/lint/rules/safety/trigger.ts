import { textOf } from '../../../rollback/tree';
import { lockOn } from '../../impact/lock-phrase';
import type { Issue, StatementRule } from '../../rule';

export const trigger: StatementRule = {
  id: 'safety/trigger',
  title: 'Triggers of a table that is in use are made or turned off',
  inUndo: true,
  on: ['CreateTrigStmt', 'AT_DisableTrig', 'AT_DisableTrigAll', 'AT_DisableTrigUser'],
  *check(context): Generator<Issue> {
    const table = context.keyIn();
    if (table === undefined || context.script.isNewTable(table)) return;
    const lock = lockOn('ShareRowExclusive', table);
    if (context.type === 'CreateTrigStmt')
      yield {
        ...context.headToRelation,
        severity: 'hint',
        message: `CREATE TRIGGER takes ${lock}, and from its commit on runs in every write of ${table}, those of the old release of the application included.`,
      };
    for (const { subtype, command, start, end } of context.commands(
      'AT_DisableTrig',
      'AT_DisableTrigAll',
      'AT_DisableTrigUser',
    )) {
      const name = textOf(command, 'name');
      const which = name === undefined ? 'Every trigger' : `The trigger ${context.name(name)}`;
      const keys = subtype === 'AT_DisableTrigAll' ? ', those that keep the foreign keys included,' : '';
      yield {
        start,
        end,
        message: `${which} of ${table}${keys} is off for all sessions, not only for this one, until it is turned on again. It takes ${lock}.`,
      };
    }
  },
};
