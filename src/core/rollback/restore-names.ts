import type { Effect } from './effect';
import type { SchemaFact } from './schema-fact';

/**
 * The effect with every name it holds as the script writes it, placeholders included; what is compared with other scripts
 * with their values.
 */
export function restoreNames(
  effect: Effect,
  restore: (derived: string) => string,
  resolve: (derived: string) => string,
): Effect {
  const { undo, facts, retyped } = effect;
  return {
    ...effect,
    what: restore(effect.what),
    undo: undo === undefined ? undefined : restore(undo),
    ...(facts && { facts: facts.map((fact): SchemaFact => ({ ...fact, table: resolve(fact.table) })) }),
    ...(retyped && {
      retyped: {
        ...retyped,
        table: resolve(retyped.table),
        shown: restore(retyped.shown),
        type: restore(retyped.type),
      },
    }),
  };
}
