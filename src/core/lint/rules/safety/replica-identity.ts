import { nodeOf, textOf } from '../../../rollback/tree';
import type { Issue, StatementRule } from '../../rule';

export const replicaIdentity: StatementRule = {
  id: 'safety/replica-identity',
  title: 'REPLICA IDENTITY FULL or NOTHING',
  inUndo: true,
  on: ['AT_ReplicaIdentity'],
  *check(context): Generator<Issue> {
    const table = context.keyIn() ?? '?';
    if (context.script.isNewTable(table)) return;
    for (const { command, start, end } of context.commands('AT_ReplicaIdentity')) {
      const kind = textOf(nodeOf(nodeOf(command, 'def'), 'ReplicaIdentityStmt'), 'identity_type');
      if (kind === 'f')
        yield {
          start,
          end,
          message: `Every UPDATE and DELETE of ${table} writes the whole old row to the WAL, and a subscriber may read its whole table to find it. Use a unique index over NOT NULL columns: REPLICA IDENTITY USING INDEX.`,
        };
      if (kind === 'n')
        yield {
          start,
          end,
          severity: 'warning',
          message: `If ${table} is published with updates or deletes, PostgreSQL refuses every UPDATE and DELETE of it from here on.`,
        };
    }
  },
};
