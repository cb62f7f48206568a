import type { DialectEffect } from './dialect-effects';

/** What U leaves out of what V did, or does beside it. */
export interface DialectDiscrepancy {
  readonly kind: 'incomplete' | 'over-drop' | 'irreversible' | 'no-backup';
  readonly side: 'versioned' | 'undo';
  readonly effect: DialectEffect;
  readonly message: string;
}

const opposite: Readonly<Record<string, DialectEffect['verb']>> = {
  makes: 'drops',
  drops: 'makes',
  changes: 'changes',
  inserts: 'deletes',
  deletes: 'inserts',
  updates: 'updates',
};

/** Compares the effects of both scripts by their names alone; nothing is said where one of them was not understood. */
export function compareDialect(
  versioned: readonly DialectEffect[],
  undo: readonly DialectEffect[],
): DialectDiscrepancy[] {
  const found = versioned.flatMap((effect): DialectDiscrepancy[] => irreversibleEffect(effect, versioned));
  if ([...versioned, ...undo].some(({ verb }) => verb === 'unknown')) return found;
  const first = undo.map((effect, at) => ({ ...effect, key: nameBefore(effect, undo.slice(0, at)) }));
  for (const [at, effect] of versioned.entries()) {
    if (
      isUndone(effect, undo) ||
      isUndone({ ...effect, key: nameBehind(effect, versioned.slice(at + 1)) }, first) ||
      isPartOfMade(effect, versioned) ||
      isGoneAgain(effect, versioned)
    )
      continue;
    const lost = effect.verb === 'updates' || effect.verb === 'deletes';
    if (!lost)
      found.push({
        kind: 'incomplete',
        side: 'versioned',
        effect,
        message: `The undo does not take back that this ${effect.verb} the ${effect.key}`,
      });
  }
  for (const effect of undo)
    if (
      effect.verb === 'drops' &&
      !versioned.some((one) => (one.verb === 'makes' && one.key === effect.key) || one.to === effect.key) &&
      !isPartOfMade(effect, versioned)
    )
      found.push({
        kind: 'over-drop',
        side: 'undo',
        effect,
        message: `Drops the ${effect.key}, which the V script does not make`,
      });
  return found;
}

/** The key of an effect under the name that its column has when the script has ended. */
function nameBehind({ key, verb }: DialectEffect, behind: readonly DialectEffect[]): string {
  if (verb === 'renames') return key;
  return behind.reduce((name, one) => (one.verb === 'renames' && one.key === name ? (one.to ?? name) : name), key);
}

/** The same under the name that it had when the script began. */
function nameBefore({ key, verb }: DialectEffect, before: readonly DialectEffect[]): string {
  if (verb === 'renames') return key;
  return before.reduceRight((name, one) => (one.verb === 'renames' && one.to === name ? one.key : name), key);
}

function isUndone(effect: DialectEffect, undo: readonly DialectEffect[]): boolean {
  if (effect.verb === 'renames')
    return undo.some(({ verb, key, to }) => verb === 'renames' && key === effect.to && to === effect.key);
  const dropsTable = undo.some(({ verb, key }) => verb === 'drops' && tableOf(effect) === key);
  return dropsTable || undo.some(({ verb, key }) => verb === opposite[effect.verb] && key === effect.key);
}

/** A column, an index or rows of a table that the same script makes go with it. */
function isPartOfMade(effect: DialectEffect, versioned: readonly DialectEffect[]): boolean {
  const table = tableOf(effect);
  return table !== effect.key && versioned.some(({ verb, key }) => verb === 'makes' && key === table);
}

function isGoneAgain(effect: DialectEffect, versioned: readonly DialectEffect[]): boolean {
  const inverse = opposite[effect.verb];
  return effect.verb === 'makes' && versioned.some(({ verb, key }) => verb === inverse && key === effect.key);
}

function tableOf({ key }: DialectEffect): string {
  const rows = /^rows of (.*)$/.exec(key)?.[1];
  if (rows !== undefined) return `table ${rows}`;
  const part = /^(?:column|key) (.*)\.[^.]*$/.exec(key)?.[1];
  return part === undefined ? key : `table ${part}`;
}

function irreversibleEffect(effect: DialectEffect, versioned: readonly DialectEffect[]): DialectDiscrepancy[] {
  if (isPartOfMade(effect, versioned) || versioned.some(({ verb, key }) => verb === 'makes' && key === effect.key))
    return [];
  if (effect.verb === 'drops' && /^(table|column|database|schema) /.test(effect.key))
    return [{ kind: 'irreversible', side: 'versioned', effect, message: `this drops the ${effect.key} and its data` }];
  if (effect.verb === 'updates' || effect.verb === 'deletes')
    return [
      {
        kind: 'no-backup',
        side: 'versioned',
        effect,
        message: `this ${effect.verb === 'updates' ? 'overwrites' : 'deletes'} ${effect.key}`,
      },
    ];
  return [];
}
