import type { Evaluation } from '../health/evaluation';

/** The guide's part of the slots that pools may take together. */
export const sizingPart = 0.8;

/** The most that all pools together may take: the rule says "less than". In whole numbers, for 0.8 × 35 is above 28. */
export function mostByRule(usable: number): number {
  return Math.max(0, Math.floor((Math.round(10 * sizingPart) * usable - 1) / 10));
}

/** One summand: what so many instances may open at most. */
export interface SizingTerm {
  readonly name: string;
  /** The pool's maximum; null is not exposed. */
  readonly max: number | null;
  readonly instances: number;
  /** Leads to a pooler: takes no slot itself. The pooler's pools are terms of their own. */
  readonly behindPooler: boolean;
}

/** The sizing rule with its terms: sum(max × instances) < 0.8 × usable. */
export interface Sizing {
  readonly terms: readonly SizingTerm[];
  /** Of those that are known and go to the server. */
  readonly sum: number;
  /** Names of terms whose maximum is not known: the sum is at least this then. */
  readonly unknown: readonly string[];
  /** max_connections less the reserved ones; null is unknown. */
  readonly usable: number | null;
  /** Sessions of others, as seen now; null is unknown. */
  readonly others: number | null;
}

export function sizingOf(terms: readonly SizingTerm[], usable: number | null, others: number | null): Sizing {
  const counted = terms.filter((term) => !term.behindPooler);
  return {
    terms,
    sum: counted.reduce((sum, term) => sum + (term.max ?? 0) * term.instances, 0),
    unknown: counted.filter((term) => term.max === null).map((term) => term.name),
    usable,
    others,
  };
}

/**
 * The rule as one number with its terms. The guide divides by max_connections and forgets reserved slots and other
 * sessions: here the usable slots count, and the others are named beside it.
 */
export function evaluateSizing(sizing: Sizing): Evaluation {
  const { terms, sum, unknown, usable, others } = sizing;
  const formula = terms.map(
    ({ name, max, instances, behindPooler }) =>
      `${name}: ${max ?? 'not exposed'} × ${instances}${behindPooler ? ', through the pooler: not counted' : ''}.`,
  );
  if (usable === null || usable <= 0) {
    return {
      severity: 'unknown',
      summary: `pools may take ${unknown.length > 0 ? '≥ ' : ''}${sum}`,
      lines: [...formula, 'The usable slots are unknown.'],
    };
  }
  const limit = sizingPart * usable;
  const part = Math.round((sum / usable) * 100);
  const lines = [
    ...formula,
    `Together ${sum} of ${usable} usable slots (${part} %); the rule wants less than ${Math.floor(limit * 10) / 10} (80 %).`,
  ];
  if (others !== null) lines.push(`Others hold ${others} now: ${sum + others} of ${usable} when all pools are full.`);
  if (unknown.length > 0) lines.push(`Unknown: ${unknown.join(', ')}. The sum is at least ${sum}.`);
  const summary = `${unknown.length > 0 ? '≥ ' : ''}${sum} of ${usable} slots`;
  if (sum + (others ?? 0) > usable) {
    lines.push('Full pools find no slot: the server will refuse logins (53300).');
    return { severity: 'critical', summary: `${summary} · too many`, lines };
  }
  if (sum >= limit) return { severity: 'warning', summary: `${summary} · above 80 %`, lines };
  return { severity: unknown.length > 0 ? 'unknown' : 'ok', summary, lines };
}
