import { listOf } from '../../rollback/tree';
import { subcommandRanges } from '../../rollback/subcommands';
import type { ParsedStatement } from '../parsed-statement';

/** The ranges of the subcommands of an ALTER TABLE in the script; empty where the text does not divide into as many. */
export function subcommandPlaces(
  sql: string,
  statement: ParsedStatement,
): readonly { readonly start: number; readonly end: number }[] {
  return subcommandRanges(sql, statement.split, listOf(statement.node, 'cmds').length);
}
