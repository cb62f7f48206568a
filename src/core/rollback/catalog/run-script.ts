import { blockTexts, codeOf } from '../../sql/block-pieces';
import type { Grammar, TreeNode } from '../../sql/grammar';
import { calledSetting, searchedSchema } from '../../sql/session-settings';
import type { SplitStatement } from '../../sql/splitter';
import { subcommandRanges } from '../subcommands';
import { listOf } from '../tree';
import { applyStatement } from './apply-statement';
import type { Catalog } from './catalog';
import type { Cause, Side } from './catalog-object';
import { withSearchedSchema } from './search-path';
import { TemporaryTables } from './temporary-tables';

/** A statement of a script with its tree. */
export interface RunStatement {
  readonly type: string;
  readonly node: TreeNode;
  readonly start: number;
  readonly end: number;
  readonly split: SplitStatement;
}

/** A script as it is run: offsets are those of `sql`. */
export interface RunScript {
  readonly sql: string;
  /** Writes placeholders back into a part of it. */
  readonly restore: (derived: string) => string;
  readonly statements: readonly RunStatement[];
  /** Statements that could not be parsed. */
  readonly broken: readonly { readonly start: number; readonly end: number }[];
  /** Where names without a schema are looked up before the script sets a search_path; undefined for public. */
  readonly searched?: string | undefined;
}

/** Applies every statement of a script; gives those that hold code which cannot be looked into. */
export function runScript(catalog: Catalog, script: RunScript, side: Side, grammar: Grammar): Cause[] {
  const dark: Cause[] = [];
  let { searched } = script;
  const temporary = new TemporaryTables();
  for (const statement of script.statements) {
    const { type, start, end, split } = statement;
    const cause = causeAt(script, side, start, end);
    searched = searchedBehind(statement, searched);
    const lasting = temporary.lasting(type, statement.node);
    if (!lasting) continue;
    const node = found(catalog, type, lasting, searched);
    if (type === 'DoStmt') {
      if (!runBlock(catalog, codeOf({ node }), cause, grammar, searched)) dark.push(cause);
      continue;
    }
    if (type === 'CallStmt' || type === 'ExecuteStmt') dark.push(cause);
    const commands = type === 'AlterTableStmt' ? listOf(node, 'cmds').length : 0;
    const ranges = commands > 0 ? subcommandRanges(script.sql, split, commands) : [];
    const causes = ranges.map((range) => causeAt(script, side, range.start, range.end));
    applyStatement(catalog, type, node, causes.length > 0 ? causes : [cause]);
  }
  return dark;
}

/** A statement with the schema that it finds its names in. */
function found(catalog: Catalog, type: string, node: TreeNode, searched: string | undefined): TreeNode {
  return searched === undefined ? node : withSearchedSchema(catalog, type, node, searched);
}

/** The schema in which names without one are looked up behind a statement; undefined for public. */
function searchedBehind(statement: RunStatement, before: string | undefined): string | undefined {
  const path = calledSetting(statement, 'search_path');
  return path ? searchedSchema(path) : before;
}

function causeAt(script: RunScript, side: Side, start: number, end: number): Cause {
  const text = script.restore(script.sql.slice(start, Math.min(end, start + 2000))).replace(/\s+/g, ' ');
  return { side, start, end, text };
}

/**
 * Applies the plain statements inside of a DO block, which are there to be run on a condition. False when it also runs
 * something that cannot be read: SQL that is put together, a function that is called, another language.
 */
function runBlock(
  catalog: Catalog,
  body: string | undefined,
  cause: Cause,
  grammar: Grammar,
  searched: string | undefined,
): boolean {
  if (body === undefined) return false;
  let clear = true;
  for (const sql of blockTexts(body)) {
    const parsed = sql === undefined ? undefined : grammar.parse(sql);
    if (parsed?.ok !== true || parsed.type === 'CallStmt') clear = false;
    else applyStatement(catalog, parsed.type, found(catalog, parsed.type, parsed.node, searched), [cause]);
  }
  return clear;
}
