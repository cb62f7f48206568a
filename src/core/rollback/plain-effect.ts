import type { SchemaFact } from './schema-fact';

/**
 * How hard an effect is to undo. `irreversible`: data is gone, no script alone brings it back. `unknown`: code that cannot
 * be looked into. `none`: nothing that stays, or nothing that is not undone with something else of the script.
 */
export type Reversibility = 'none' | 'reversible' | 'unknown' | 'irreversible';

/** An effect before its place in the script is known. */
export interface PlainEffect {
  readonly reversibility: Reversibility;
  /** What it does, for a sentence: "drops the column orders.note and its data". */
  readonly what: string;
  /** The inverse where it is certain from the statement alone. */
  readonly undo: string | undefined;
  /** Kind and key of the relation it makes: nothing is left to undo when the script drops it again. */
  readonly creates?: string;
  /** What the statement tells of the schema after it. */
  readonly facts?: readonly SchemaFact[];
  /** A change of a column's type: how hard it is to undo depends on the type before. */
  readonly retyped?: Retyped;
}

export interface Retyped {
  /** Key of the table and the column. */
  readonly table: string;
  readonly column: string;
  readonly type: string;
  /** The table as SQL. */
  readonly shown: string;
  /** Whether the values are computed anew by more than a cast. */
  readonly computed: boolean;
}

export const nothing: PlainEffect = { reversibility: 'none', what: 'changes nothing that stays', undo: undefined };

export function irreversible(what: string): PlainEffect {
  return { reversibility: 'irreversible', what, undo: undefined };
}

export function unknown(what: string): PlainEffect {
  return { reversibility: 'unknown', what, undo: undefined };
}

export function reversible(what: string, undo?: string): PlainEffect {
  return { reversibility: 'reversible', what, undo };
}

/** Undone together with what the script has created. */
export function ofOwn(what: string): PlainEffect {
  return { reversibility: 'none', what, undo: undefined };
}

const hardness: readonly Reversibility[] = ['none', 'reversible', 'unknown', 'irreversible'];

/** The effect that is hardest to undo. */
export function hardest(effects: readonly PlainEffect[]): PlainEffect {
  return effects.reduce(
    (worst, effect) =>
      hardness.indexOf(effect.reversibility) >= hardness.indexOf(worst.reversibility) ? effect : worst,
    nothing,
  );
}
