import type { Grammar } from '../sql/grammar';
import type { Before, Catalog } from './catalog/catalog';
import { nameOf, type CatalogObject, type Cause } from './catalog/catalog-object';
import { runScript, type RunScript } from './catalog/run-script';
import { compareReplacement, differs, initialValue, isBookkeeping, isStanding } from './compare-replacement';
import type { Discrepancy } from './discrepancy';
import { typeChange } from './type-change';
import { shownBefore, shownChange } from './shown-value';

/**
 * Runs a V script and its U script on the catalog and compares what is left with what was there before. The catalog is
 * left as the V script makes it.
 */
export function compareUndo(
  catalog: Catalog,
  versioned: RunScript,
  undo: RunScript | undefined,
  grammar: Grammar,
): Discrepancy[] {
  catalog.begin();
  const dark = runScript(catalog, versioned, 'versioned', grammar);
  if (!undo) return [];
  const made = madeByVersioned(catalog);
  const mark = catalog.mark;
  const darkUndo = runScript(catalog, undo, 'undo', grammar);
  const found = new Comparison(
    catalog,
    made,
    dark.length > 0 || versioned.broken.length > 0,
    darkUndo.length > 0 || undo.broken.length > 0,
  ).all();
  catalog.rewind(mark);
  if (darkUndo.length === 0)
    for (const cause of dark)
      found.push({
        kind: 'not-compared',
        cause,
        message: 'What this code does cannot be looked into: whether the undo takes it back is not known',
      });
  return found;
}

/** The properties that the V script has set, by object. */
function madeByVersioned(catalog: Catalog): Map<CatalogObject, Map<string, string>> {
  const made = new Map<CatalogObject, Map<string, string>>();
  for (const { object } of catalog.changes().before) {
    const own = [...object.facets].filter(([name]) => catalog.isSet(object, name));
    made.set(object, new Map(own.map(([name, facet]) => [name, facet.value])));
  }
  return made;
}

/** What others may use that know nothing of the script: with IF NOT EXISTS it is better left than dropped. */
const shared = new Set(['extension', 'schema']);

class Comparison {
  private readonly found: Discrepancy[] = [];
  private readonly before: ReadonlyMap<CatalogObject, Before>;
  private readonly replacements = new Map<CatalogObject, CatalogObject>();
  private readonly changes;

  constructor(
    private readonly catalog: Catalog,
    private readonly made: ReadonlyMap<CatalogObject, ReadonlyMap<string, string>>,
    private readonly darkVersioned: boolean,
    private readonly darkUndo: boolean,
  ) {
    this.changes = catalog.changes();
    this.before = new Map(this.changes.before.map((entry) => [entry.object, entry]));
    for (const entry of this.changes.before) {
      const replacement = entry.alive && !entry.object.alive ? this.replacementOf(entry) : undefined;
      if (replacement) this.replacements.set(entry.object, replacement);
    }
  }

  all(): Discrepancy[] {
    for (const { cause, kind, message } of this.changes.refusals)
      if (cause.side === 'undo')
        this.add(
          kind === 'depends' || kind === 'missing' ? 'wrong-order' : 'undo-fails',
          cause,
          `PostgreSQL refuses this: ${message}`,
        );
    for (const entry of this.changes.before) {
      if (!entry.alive) continue;
      if (entry.object.alive) this.compareStanding(entry);
      else this.compareGone(entry);
    }
    for (const object of this.changes.born) this.compareBorn(object);
    for (const { cause, name, space, key } of this.changes.missed)
      if (
        cause.side === 'undo' &&
        !this.darkVersioned &&
        !this.changes.born.some((object) => object.space === space && object.key === key)
      )
        this.add('may-over-drop', cause, `Drops the ${name} if there is one, and the V script makes none`);
    return this.found;
  }

  private add(kind: Discrepancy['kind'], cause: Cause | undefined, message: string, rows = false): void {
    if (!cause) return;
    // Code that cannot be looked into may do what is missed here.
    const hidden = (kind === 'incomplete' && this.darkUndo) || (kind === 'over-drop' && this.darkVersioned);
    this.found.push({
      kind: hidden ? 'not-compared' : kind,
      cause,
      message: hidden ? `${message}, unless code that cannot be looked into does` : message,
      ...(rows && { rows }),
    });
  }

  /** What stands in the place of an object that went: under its name, on the same table or on the one in that one's place. */
  private replacementOf({ object, key, parent }: Before): CatalogObject | undefined {
    const on = parent && !parent.alive ? this.inPlaceOf(parent) : parent;
    if (parent && !on && object.space !== 'relation') return undefined;
    return this.catalog.find(object.space, key, on);
  }

  private inPlaceOf(object: CatalogObject): CatalogObject | undefined {
    const entry = this.before.get(object);
    return this.replacements.get(object) ?? (entry && this.replacementOf(entry));
  }

  private compareGone(entry: Before): void {
    const { object, key, parent } = entry;
    const replacement = this.replacements.get(object);
    if (replacement) {
      this.found.push(...compareReplacement(entry, replacement, this.catalog));
      if (
        object.space === 'constraint' &&
        replacement.born?.side === 'undo' &&
        this.catalog.isNew(replacement) &&
        replacement.parent &&
        !this.catalog.isNew(replacement.parent)
      )
        this.add('may-fail', replacement.born, `Fails when rows written since are against ${nameOf(replacement)}`);
      return;
    }
    // What it was a part of is gone too, and is told instead.
    if (parent && !parent.alive && !this.inPlaceOf(parent)) return;
    const root = object.diedWith;
    if (root && !root.alive && this.before.get(root)?.alive === true && !this.inPlaceOf(root)) return;
    const with_ = root ? `, which goes with ${nameOf(root)}` : '';
    const name = nameOf({ ...object, key });
    if (object.died?.side === 'versioned')
      this.add('incomplete', object.died, `The undo does not bring back the ${name}${with_}`);
    else this.add('over-drop', object.died, `Drops the ${name}${with_}, which was there before the V script`);
  }

  private compareStanding(entry: Before): void {
    const { object, key } = entry;
    if (object.key !== key) {
      const cause = object.facets.get('name')?.cause;
      const name = nameOf({ ...object, key });
      if (cause?.side === 'versioned')
        this.add('incomplete', cause, `The undo does not give the ${name} its name back`);
      else
        this.add(
          'wrong-previous-value',
          cause,
          `The ${object.kind} is called ${object.key} behind the undo; it was ${key} before`,
        );
    }
    const grants = new Map<Cause, string[]>();
    for (const [name, facet] of object.facets) {
      const old = entry.facets.get(name);
      if (facet === old || isBookkeeping(name)) continue;
      const initial = initialValue(entry, name);
      if (name.startsWith('rows ')) this.compareRows(object, name, facet.value, facet.cause);
      else if (facet.cause?.side === 'versioned') {
        if (initial !== undefined && !differs(this.catalog, object, name, initial, facet.value)) continue;
        if (name.startsWith('grant ') && facet.value !== '')
          grants.set(facet.cause, [...(grants.get(facet.cause) ?? []), name.slice('grant '.length)]);
        else
          this.add('incomplete', facet.cause, `The undo does not take back: ${shownChange(object, name, facet.value)}`);
      } else this.compareSet(object, name, initial, facet.value, facet.cause);
    }
    for (const [cause, granted] of grants)
      this.add('incomplete', cause, `The undo does not take back what ${nameOf(object)} grants: ${granted.join(', ')}`);
  }

  /** A property that the undo has set. */
  private compareSet(
    object: CatalogObject,
    name: string,
    initial: string | undefined,
    value: string,
    cause: Cause | undefined,
  ): void {
    const set = this.made.get(object)?.get(name);
    if (initial === undefined) {
      if (set === undefined && !isStanding(name))
        this.add('wrong-previous-value', cause, `The V script leaves this alone: ${shownChange(object, name, value)}`);
      else if (set !== undefined && set === value && object.space !== 'role')
        this.add('incomplete', cause, `This leaves what the V script has set: ${shownChange(object, name, value)}`);
    } else if (!differs(this.catalog, object, name, initial, value)) this.warnOfData(object, name, set, value, cause);
    else {
      const was = shownBefore(name, initial);
      this.add('wrong-previous-value', cause, `Not what was there before: ${shownChange(object, name, value)}; ${was}`);
    }
  }

  /** The value of before, set again over rows that were written since. */
  private warnOfData(
    object: CatalogObject,
    name: string,
    from: string | undefined,
    to: string,
    cause: Cause | undefined,
  ): void {
    if (from === undefined || !cause) return;
    if (name === 'NOT NULL' && to === 'yes' && from !== 'yes')
      this.add('may-fail', cause, `Fails when a row written since has NULL in ${nameOf(object)}`);
    else if (name === 'type' && typeChange(bareType(from), bareType(to)) === 'loses')
      this.add(
        'may-fail',
        cause,
        `Fails, or cuts values, when a row written since has in ${nameOf(object)} what ${to} cannot hold`,
      );
  }

  private compareRows(table: CatalogObject, name: string, value: string, cause: Cause | undefined): void {
    if (value === '' || !cause) return;
    const verb = name.slice('rows '.length);
    if (cause.side === 'versioned') {
      const inverse = verb === 'inserted' ? 'delete' : verb === 'deleted' ? 'insert' : 'update';
      this.add(
        'incomplete',
        cause,
        `Rows of ${table.key} are ${verb} here, and the undo does not ${inverse} any`,
        true,
      );
    } else if (verb === 'deleted')
      this.add('data-lost', cause, `Deletes rows of ${table.key}, and the V script inserts none`, true);
  }

  private compareBorn(object: CatalogObject): void {
    const { parent, born } = object;
    if (!born) return;
    const perhaps = object.facets.get('may have been there')?.value === 'yes';
    if (!object.alive) {
      const conditional = /\bif\s+not\s+exists\b/i.test(born.text);
      if (
        born.side === 'versioned' &&
        object.died?.side === 'undo' &&
        perhaps &&
        conditional &&
        !object.diedWith &&
        !hasReplaced(this.replacements, object)
      )
        this.add(
          'may-over-drop',
          object.died,
          `The V script makes the ${nameOf(object)} only IF NOT EXISTS: one that was there before would go too`,
        );
      return;
    }
    if (hasReplaced(this.replacements, object) || (parent?.alive === true && this.catalog.isNew(parent))) return;
    if (born.side === 'versioned' && perhaps && shared.has(object.kind))
      this.add('stays', born, `The undo leaves the ${nameOf(object)}, which may have been there before`);
    else if (born.side === 'versioned') this.add('incomplete', born, `The undo does not drop the ${nameOf(object)}`);
    else if (
      born.side === 'undo' &&
      !this.changes.missed.some(
        ({ space, key, cause }) => cause.side === 'versioned' && space === object.space && key === object.key,
      )
    )
      this.add('incomplete', born, `Makes the ${nameOf(object)}, which was not there before the V script`);
  }
}

/** A type without its collation. */
function bareType(type: string): string {
  return type.replace(/ COLLATE .*$/, '');
}

function hasReplaced(replacements: ReadonlyMap<CatalogObject, CatalogObject>, object: CatalogObject): boolean {
  return [...replacements.values()].includes(object);
}
