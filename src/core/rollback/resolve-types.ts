import { quoteIdentifier } from '../sql/identifier';
import type { Effect } from './effect';
import type { Retyped } from './plain-effect';
import type { ColumnTypes } from './schema-fact';
import { needsCastBack, typeChange } from './type-change';

/**
 * The effects with changes of type graded by the type before, and `types` moved on behind them. Scripts must come in the
 * order in which they run.
 */
export function resolveTypes(effects: readonly Effect[], types: ColumnTypes): Effect[] {
  if (!effects.some(({ facts, retyped }) => facts ?? retyped)) return [...effects];
  return effects.map((effect) => {
    const graded = effect.retyped && effect.reversibility !== 'none' ? grade(effect, effect.retyped, types) : effect;
    for (const fact of effect.facts ?? []) types.apply(fact);
    return graded;
  });
}

function grade(effect: Effect, { table, column, type, shown, computed }: Retyped, types: ColumnTypes): Effect {
  const before = types.typeOf(table, column);
  if (before === undefined) return effect;
  const what = `changes the type of ${table}.${column} from ${before} to ${type}`;
  if (computed)
    return { ...effect, what: `${what} with an expression, and whether that has an inverse cannot be looked into` };
  const name = quoteIdentifier(column);
  const cast = needsCastBack(before, type) ? ` USING ${name}::${before}` : '';
  const undo = `ALTER TABLE ${shown} ALTER COLUMN ${name} TYPE ${before}${cast}`;
  switch (typeChange(before, type)) {
    case 'same':
      return { ...effect, reversibility: 'none', what };
    case 'keeps':
      return { ...effect, reversibility: 'reversible', what, undo };
    case 'loses':
      return { ...effect, reversibility: 'irreversible', what: `${what}, and what the new type cannot hold is gone` };
    case 'unknown':
      return { ...effect, what: `${what}, and whether every value comes back is not known` };
  }
}
