import type { RuleId } from './finding';
import type { Issue, Rule, ScriptRule, StatementRule } from './rule';
import type { ScriptContext } from './script-context';
import type { StatementContext } from './statement-context';

type Found = readonly [rule: RuleId, issue: Issue];

/** The rules, sorted by what they want to see. */
export class RuleSet {
  private readonly byType = new Map<string, StatementRule[]>();
  private readonly wholeScript: ScriptRule[] = [];

  constructor(rules: readonly Rule[]) {
    for (const rule of rules) {
      if ('begin' in rule) this.wholeScript.push(rule);
      else for (const type of rule.on) this.byType.set(type, [...(this.byType.get(type) ?? []), rule]);
    }
  }

  /** The rules at work on one script. */
  begin(script: ScriptContext): { statement(context: StatementContext): Found[]; end(): Found[] } {
    const wanted = (rule: Rule): boolean => rule.inUndo || !script.isUndo;
    const visitors = this.wholeScript.filter(wanted).map((rule) => ({ rule, visitor: rule.begin(script) }));
    const watching = visitors.filter(({ visitor }) => visitor.statement !== undefined);
    return {
      statement: (context) => {
        const found: Found[] = [];
        for (const rule of this.byType.get(context.type) ?? [])
          if (wanted(rule)) for (const issue of rule.check(context)) found.push([rule.id, issue]);
        for (const { rule, visitor } of watching)
          for (const issue of visitor.statement?.(context) ?? []) found.push([rule.id, issue]);
        return found.filter(([, { weighs }]) => !weighs || weighs.work === 'brief' || !context.isEmpty(weighs.table));
      },
      end: () =>
        visitors.flatMap(({ rule, visitor }) => [...(visitor.end?.() ?? [])].map((issue): Found => [rule.id, issue])),
    };
  }
}
