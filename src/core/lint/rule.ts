import type { FindingSeverity, Fix, RuleId } from './finding';
import type { Work } from './impact/impact';
import type { ScriptContext } from './script-context';
import type { StatementContext } from './statement-context';

/** What a rule says of a place in a script. Offsets are those of the script as it is parsed. */
export interface Issue {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  /** Another severity than the rule's own. */
  readonly severity?: FindingSeverity;
  readonly related?: readonly { readonly path: string; readonly message: string }[];
  readonly fix?: Fix;
  /**
   * The table on which the weight of the finding depends, and what is done to it: with a database bound, its size is told, a
   * small one silences `scan`, `build` and `rewrite`, a large one makes them an error.
   */
  readonly weighs?: { readonly table: string; readonly work: Work };
}

interface RuleAbout {
  readonly id: RuleId;
  /** One line: what it finds. */
  readonly title: string;
  /** The majors of PostgreSQL it holds for; without it, all that are supported. */
  readonly versions?: string;
  /** Whether it looks at undo scripts too. */
  readonly inUndo: boolean;
}

/** A rule about one statement, asked before the statement changes the schema. */
export interface StatementRule extends RuleAbout {
  /** Types of statements, and of subcommands of ALTER TABLE, as the grammar names them. */
  readonly on: readonly string[];
  check(context: StatementContext): Iterable<Issue>;
}

/** A rule about a script as a whole: `begin` makes a new visitor for each. */
export interface ScriptRule extends RuleAbout {
  begin(script: ScriptContext): ScriptVisitor;
}

export interface ScriptVisitor {
  /** The types it asks for, as of a statement's rule; without them, all. */
  readonly on?: readonly string[];
  /** Asked before the statement changes the schema. */
  statement?(context: StatementContext): Iterable<Issue>;
  /** Asked behind the last statement. */
  end?(): Iterable<Issue>;
}

export type Rule = StatementRule | ScriptRule;

/** The page of a rule below the project's root. */
export function pageOf(rule: RuleId): string {
  return `docs/rules/${rule.replace('/', '-')}.md`;
}
