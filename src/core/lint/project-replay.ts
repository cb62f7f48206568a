import { transactionsOf } from '../flyway/transactions';
import { applyStatement } from '../sql/replay/apply-statement';
import { sameChanges, Schema, type SchemaChange } from '../sql/replay/schema';
import { addedForeignKeys } from './added-foreign-keys';
import type { Finding, RuleId } from './finding';
import type { LintScript } from './lint-script';
import { findingOf } from './issue-to-finding';
import type { Issue, Rule } from './rule';
import { RuleSet } from './rule-set';
import { splitterDifferences } from './rules/flyway/splitter-difference';
import { syntaxError, unterminatedComment } from './rules/flyway/syntax-error';
import { foreignKeyWithoutIndex, type AddedForeignKey } from './rules/safety/foreign-key-without-index';
import { ScriptContext, type ReplaySettings } from './script-context';
import { StatementContext } from './statement-context';
import { scopesOf } from './statement-scopes';

/** A script in its place in Flyway's order. What an undo script changes is taken back: it never runs forward. */
export interface ReplayStep {
  readonly script: LintScript;
  readonly forward: boolean;
}

const fillsTables = new Set(['InsertStmt', 'CopyStmt', 'MergeStmt']);
/** Statements that can make a foreign key. */
const definesTables = new Set(['CreateStmt', 'AlterTableStmt']);

interface Entry extends ReplayStep {
  readonly mark: number;
  readonly changes: readonly SchemaChange[];
  readonly findings: readonly Finding[];
  readonly foreignKeys: readonly AddedForeignKey[];
}

/**
 * Walks the scripts of a project in Flyway's order, asks the rules about each statement and then lets it change the schema.
 * A second run begins at the first script that is another one, and ends where the schema is again what it was.
 */
export class ProjectReplay {
  private readonly schema = new Schema();
  private rules: RuleSet;
  private entries: readonly Entry[] = [];
  private settings = '';
  private last: ReplaySettings | undefined;

  constructor(private readonly all: readonly Rule[]) {
    this.rules = new RuleSet(all);
  }

  /** The findings of all scripts, in the order of the steps. */
  run(steps: readonly ReplayStep[], settings: ReplaySettings): Finding[] {
    const signature = JSON.stringify([
      [...(settings.pending ?? [])],
      settings.sessionLockTimeout,
      [...settings.silent],
    ]);
    // What a bound database tells is another object with every reading that differs.
    if (signature !== this.settings || settings.database !== this.last?.database) this.entries = [];
    this.settings = signature;
    this.last = settings;
    this.rules = new RuleSet(this.all.filter(({ id }) => !settings.silent.has(id)));
    const before = this.entries;
    let at = 0;
    while (at < steps.length && same(steps[at], before[at])) at++;
    const entries = before.slice(0, at);
    this.schema.rewind(before[at]?.mark ?? (at === 0 ? 0 : this.schema.mark));
    // Once a script leaves another schema, equal changes of a later one do not make it the same again.
    let asBefore = true;
    for (; at < steps.length; at++) {
      const step = steps[at];
      if (!step) break;
      settings.onScript?.(at, steps.length);
      const entry = this.check(step, settings);
      entries.push(entry);
      const old = before[at];
      asBefore &&= old !== undefined && sameChanges(old.changes, entry.changes);
      if (!asBefore || !rejoins(steps, before, at)) continue;
      for (const later of before.slice(at + 1)) {
        entries.push({ ...later, mark: this.schema.mark });
        this.schema.redo(later.changes);
      }
      break;
    }
    this.entries = entries;
    return entries.flatMap((entry) => [...entry.findings, ...this.unindexed(entry, settings)]);
  }

  /**
   * Looks at the statement at an offset of a script's text, on the schema before it; undefined where there is none. The schema
   * is then again what it was.
   */
  look<T>(path: string, offset: number, at: (context: StatementContext) => T): T | undefined {
    const index = this.entries.findIndex(({ script }) => script.path === path);
    const entry = this.entries[index];
    const { last: settings } = this;
    if (!entry || !settings) return undefined;
    const { script } = entry;
    this.schema.rewind(entry.mark);
    try {
      const transactions = transactionsOf(script.sql, script.statements.statements, script.config);
      const context = new ScriptContext(script, this.schema, transactions, settings);
      for (const { scope } of scopesOf(script, transactions, settings)) {
        if (!scope) continue;
        const { start, end } = scope.statement;
        if (script.toText(start) <= offset && offset <= script.toText(end, true))
          return at(new StatementContext(context, scope));
        applyStatement(this.schema, scope);
      }
      return undefined;
    } finally {
      this.schema.rewind(entry.mark);
      for (const { changes } of this.entries.slice(index)) this.schema.redo(changes);
      script.forgetTrees();
    }
  }

  /** Asked when every script has run: see foreign-key-without-index.ts. */
  private unindexed({ script, foreignKeys, forward }: Entry, { database }: ReplaySettings): Finding[] {
    if (!forward || foreignKeys.length === 0) return [];
    const issues = foreignKeyWithoutIndex(this.schema, foreignKeys);
    return issues.flatMap((issue) => findingOf(script, 'safety/foreign-key-without-index', issue, database) ?? []);
  }

  private check(step: ReplayStep, settings: ReplaySettings): Entry {
    const { script, forward } = step;
    const { schema } = this;
    const mark = schema.mark;
    const splits = script.statements.statements;
    const transactions = transactionsOf(script.sql, splits, script.config);
    const context = new ScriptContext(script, schema, transactions, settings);
    const asked = settings.pending === undefined || settings.pending.has(script.path);
    const checker = asked ? this.rules.begin(context) : undefined;
    const issues: (readonly [RuleId, Issue])[] = [];
    const foreignKeys: AddedForeignKey[] = [];
    const add = (rule: RuleId, ...found: readonly Issue[]): void => {
      if (asked) for (const issue of found) issues.push([rule, issue]);
    };
    add('flyway/splitter-difference', ...splitterDifferences(script));
    add('flyway/syntax-error', ...unterminatedComment(script));
    for (const part of scopesOf(script, transactions, settings)) {
      const { scope, broken } = part;
      // A NUL is told by flyway/encoding.
      if (broken && script.sql.charAt(broken.at) !== '\0') add('flyway/syntax-error', syntaxError(script, broken));
      if (!scope) continue;
      const { statement } = scope;
      const seen = new StatementContext(context, scope);
      if (checker) issues.push(...checker.statement(seen));
      const constraints = seen.relation?.constraints.length ?? 0;
      noteRows(context, seen);
      applyStatement(schema, scope);
      if (checker && definesTables.has(statement.type))
        foreignKeys.push(...addedForeignKeys(seen, constraints, schema));
    }
    if (checker) issues.push(...checker.end());
    const changes = forward ? schema.changesSince(mark) : [];
    if (!forward) schema.rewind(mark);
    const findings = issues.flatMap(([rule, issue]) => findingOf(script, rule, issue, settings.database) ?? []);
    // What is still asked for is made here, so that no tree is held longer than its script is looked at.
    script.prepareEffects();
    if (settings.keepsTrees !== true) script.forgetTrees();
    return { script, forward, mark, changes, findings, foreignKeys };
  }
}

/** What a statement does to the rows of the tables that the transaction has emptied. */
function noteRows(script: ScriptContext, statement: StatementContext): void {
  if (statement.type === 'TruncateStmt')
    script.empty(
      statement.impacts.flatMap(({ locks }) => locks.map(({ relation }) => relation)),
      statement.transaction,
    );
  else if (fillsTables.has(statement.type)) script.fill(statement.keyIn());
}

function same(step: ReplayStep | undefined, entry: Entry | undefined): boolean {
  return step !== undefined && step.script === entry?.script && step.forward === entry.forward;
}

/** Whether all steps behind a place are the ones of the last run. */
function rejoins(steps: readonly ReplayStep[], before: readonly Entry[], at: number): boolean {
  if (steps.length !== before.length) return false;
  for (let later = at + 1; later < steps.length; later++) if (!same(steps[later], before[later])) return false;
  return true;
}
