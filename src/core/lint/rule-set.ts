import { nodesOf, textOf } from '../rollback/tree';
import type { RuleId } from './finding';
import type { Issue, Rule, ScriptRule, StatementRule } from './rule';
import type { ScriptContext } from './script-context';
import type { StatementContext } from './statement-context';

type Found = readonly [rule: RuleId, issue: Issue];

/** The rules, sorted by what they want to see: most of them have nothing to say of most statements. */
export class RuleSet {
  private readonly ofStatements: readonly StatementRule[];
  private readonly ofScripts: readonly ScriptRule[];
  /** By the types of a statement, in the order of the rules. */
  private readonly byTypes = new Map<string, readonly StatementRule[]>();

  constructor(rules: readonly Rule[]) {
    this.ofStatements = rules.filter((rule) => 'check' in rule);
    this.ofScripts = rules.filter((rule) => 'begin' in rule);
  }

  /** The rules at work on one script. */
  begin(script: ScriptContext): { statement(context: StatementContext): Found[]; end(): Found[] } {
    const wanted = (rule: Rule): boolean => rule.inUndo || !script.isUndo;
    const visitors = this.ofScripts.filter(wanted).map((rule) => ({ rule, visitor: rule.begin(script) }));
    const watching = visitors.filter(({ visitor }) => visitor.statement !== undefined);
    return {
      statement: (context) => {
        const found: Found[] = [];
        const types = typesOf(context);
        for (const rule of this.rulesOn(types))
          if (wanted(rule)) for (const issue of rule.check(context)) found.push([rule.id, issue]);
        for (const { rule, visitor } of watching)
          if (!visitor.on || isOn(visitor.on, types))
            for (const issue of visitor.statement?.(context) ?? []) found.push([rule.id, issue]);
        return found.filter(([, { weighs }]) => !weighs || weighs.work === 'brief' || !context.isEmpty(weighs.table));
      },
      end: () =>
        visitors.flatMap(({ rule, visitor }) => [...(visitor.end?.() ?? [])].map((issue): Found => [rule.id, issue])),
    };
  }

  private rulesOn(types: readonly string[]): readonly StatementRule[] {
    const key = types.length === 1 ? (types[0] ?? '') : types.join();
    const known = this.byTypes.get(key);
    if (known) return known;
    const found = this.ofStatements.filter(({ on }) => isOn(on, types));
    this.byTypes.set(key, found);
    return found;
  }
}

/** The statement's type, and those of its subcommands, each once. */
function typesOf({ type, node }: StatementContext): readonly string[] {
  if (type !== 'AlterTableStmt') return [type];
  const types = [type];
  for (const command of nodesOf(node, 'cmds', 'AlterTableCmd')) {
    const subtype = textOf(command, 'subtype') ?? '';
    if (!types.includes(subtype)) types.push(subtype);
  }
  return types;
}

function isOn(on: readonly string[], types: readonly string[]): boolean {
  return types.some((type) => on.includes(type));
}
