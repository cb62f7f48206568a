import { subcommandRanges } from '../../rollback/subcommands';
import { nodesOf } from '../../rollback/tree';
import type { TreeNode } from '../../sql/grammar';
import type { FixPlace } from './project-fix';

/** A subcommand of an ALTER TABLE; offsets are those of the script as it is parsed. */
export interface Subcommand {
  readonly command: TreeNode;
  readonly start: number;
  readonly end: number;
  /** Whether it is the statement's only one. */
  readonly alone: boolean;
}

/** The subcommand at which the finding stands. */
export function subcommandAt({ script, statement, finding }: FixPlace): Subcommand | undefined {
  if (statement?.type !== 'AlterTableStmt') return undefined;
  const commands = nodesOf(statement.node, 'cmds', 'AlterTableCmd');
  const ranges = subcommandRanges(script.sql, statement.split, commands.length);
  const at = ranges.findIndex(
    ({ start, end }) => script.toText(start) <= finding.start && finding.start < script.toText(end, true),
  );
  const [command, range] = [commands[at], ranges[at]];
  return command && range && { command, ...range, alone: commands.length === 1 };
}
