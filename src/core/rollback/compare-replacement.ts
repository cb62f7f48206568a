import type { Before, Catalog } from './catalog/catalog';
import { nameOf, type CatalogObject } from './catalog/catalog-object';
import { isSameDefinition } from './catalog/query-names';
import type { Discrepancy } from './discrepancy';
import { shownBefore, shownChange } from './shown-value';

/** Properties of this model that are none of the database's. */
export function isBookkeeping(name: string): boolean {
  return ['name', 'may have been there', 'columns', 'validated', 'returns'].includes(name);
}

/** Properties that an undo may set whatever they were: nothing tells what they were, and no script has to. */
export function isStanding(name: string): boolean {
  return name === 'owner' || name === 'validated';
}

/** What a property was; undefined when no script tells. The owner is whoever ran the script that made the object. */
export function initialValue({ object, facets }: Before, name: string): string | undefined {
  return facets.get(name)?.value ?? (object.known && name !== 'owner' ? '' : undefined);
}

/** Whether two values of a property differ, the type's own storage counting as none. */
export function differs(catalog: Catalog, object: CatalogObject, name: string, a: string, b: string): boolean {
  if (a === b) return false;
  if (name === 'definition') return !isSameDefinition(catalog, a, b);
  if (name === 'storage') return normalStorage(object, a) !== normalStorage(object, b);
  return true;
}

function normalStorage(object: CatalogObject, value: string): string {
  const type = (object.facets.get('type')?.value ?? '').replace(/\(.*/, '');
  if (value !== '') return value.toLowerCase();
  if (/^(text|varchar|char|bytea|jsonb?|xml|tsvector)$/.test(type) || type.endsWith('[]')) return 'extended';
  return type === 'numeric' ? 'main' : 'plain';
}

const objectsOfDefinition = new Set([
  'view',
  'materialized view',
  'function',
  'procedure',
  'aggregate',
  'trigger',
  'policy',
  'rule',
  'index',
  'sequence',
  'type',
  'statistics',
]);

/** What stands in the place of an object that went, against what that was. */
export function compareReplacement(entry: Before, replacement: CatalogObject, catalog: Catalog): Discrepancy[] {
  const { object, facets, parent, key } = entry;
  const cause = (catalog.isNew(replacement) ? replacement.born : replacement.facets.get('name')?.cause) ?? catalog.now;
  const found: Discrepancy[] = [];
  const lost: string[] = [];
  const byVersioned = cause.side === 'versioned';
  for (const name of new Set([...facets.keys(), ...replacement.facets.keys()])) {
    if (isBookkeeping(name) || name.startsWith('rows ')) continue;
    const initial = initialValue(entry, name);
    const value = replacement.facets.get(name)?.value ?? '';
    if (initial === undefined || !differs(catalog, replacement, name, initial, value)) continue;
    if (/^(grant|comment|label|owner)/.test(name) && value === '') lost.push(name.replace(/^grant /, 'the grant of '));
    else if (byVersioned)
      found.push({
        kind: 'incomplete',
        cause,
        message: `The V script replaces the ${nameOf({ ...object, key })}, and the undo does not bring the old one back`,
      });
    else
      found.push({
        kind: objectsOfDefinition.has(object.kind) ? 'definition-differs' : 'wrong-previous-value',
        cause,
        message:
          name === 'definition'
            ? `The ${nameOf({ ...object, key })} is not what it was before the V script`
            : `Not what was there before: ${shownChange(replacement, name, value)}; ${shownBefore(name, initial)}`,
      });
    if (byVersioned && found.length > 0) break;
  }
  if (lost.length > 0 && !byVersioned)
    found.push({
      kind: 'grants-lost',
      cause,
      message: `The ${nameOf({ ...object, key })} comes back without ${lost.join(', ')}`,
    });
  if (object.space === 'column' && parent?.known === true && parent.alive && replacement !== object) {
    const behind = catalog
      .childrenOf(parent)
      .filter(
        (other) => other.space === 'column' && other.id > object.id && other !== replacement && !catalog.isNew(other),
      );
    if (behind.length > 0)
      found.push({
        kind: 'column-order',
        cause,
        message: `The column ${parent.key}.${key} comes back as the last one: SELECT * and INSERT without names see another order`,
      });
  }
  return found;
}
