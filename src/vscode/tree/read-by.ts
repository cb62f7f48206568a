import { polledLocksStatement } from '../../core/health/blocking';
import { replicationStatement } from '../../core/health/replication';
import { sessionsStatement } from '../../core/health/sessions-statement';
import type { SignalGroup } from '../../core/health/signal';
import { databaseSizeStatement, tableSizesStatement } from '../../core/health/size-statements';
import { formatDuration } from '../../core/format/quantities';
import { checksOf } from '../../core/monitor/group-signal';
import type { ServerSnapshot } from '../../core/monitor/snapshot';

/** The statements of the signal that a group is built around, for this server; '' for a group of checks alone. */
export function baseStatements({ version }: ServerSnapshot, group: SignalGroup): string {
  const major = Number.parseInt(version ?? '', 10);
  if (Number.isNaN(major)) return '';
  switch (group) {
    case 'pool':
      return titled('Sessions', sessionsStatement.text);
    case 'replication':
      return titled('Replication', replicationStatement(major).text);
    case 'locks':
      return titled('Blocking graph', polledLocksStatement(major).text);
    case 'size':
      return `${titled('Size of the database', databaseSizeStatement.text)}\n\n${titled('Sizes of tables', tableSizesStatement.text)}`;
    default:
      return '';
  }
}

/** All that a group was read by, each statement below its name; run as they stand they give what the tree shows. */
export function statementsOf(snapshot: ServerSnapshot, group: SignalGroup): string {
  const checks = checksOf(snapshot, group).filter(({ sql }) => sql !== '');
  const all = checks.map(({ about, sql }) =>
    titled(`${about.title}, every ${formatDuration(about.tierMs / 1000)}`, sql),
  );
  return [baseStatements(snapshot, group), ...all].filter((text) => text !== '').join('\n\n');
}

function titled(title: string, sql: string): string {
  return `-- ${title}\n${sql.trim()};`;
}
