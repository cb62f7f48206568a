import { isRuleId, rules, type RuleId } from './finding';

/** The rule that a misspelt id most likely means; undefined where none is near. */
export function nearestRule(id: string): RuleId | undefined {
  const wanted = id.trim().toLowerCase().replaceAll('_', '-');
  const all = Object.keys(rules) as RuleId[];
  const bare = all.filter((rule) => rule.slice(rule.indexOf('/') + 1) === wanted.slice(wanted.indexOf('/') + 1));
  if (bare.length === 1) return bare[0];
  const [best] = all
    .map((rule) => ({ rule, distance: distance(rule, wanted) }))
    .sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(2, Math.floor(wanted.length / 5)) ? best.rule : undefined;
}

/** The ids among these that no rule has, each with the one that was meant. */
export function unknownRules(ids: readonly string[]): { readonly id: string; readonly meant: RuleId | undefined }[] {
  return ids.filter((id) => !isRuleId(id)).map((id) => ({ id, meant: nearestRule(id) }));
}

/** How many letters must be put in, taken out or changed (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
