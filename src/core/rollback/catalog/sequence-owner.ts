import type { TreeNode } from '../../sql/grammar';
import { listOf, namesOf, nodeOf, textOf } from '../tree';
import { canonical } from './canonical';
import type { Catalog } from './catalog';
import type { CatalogObject } from './catalog-object';
import { keyOf } from './object-names';

/** OWNED BY of CREATE and ALTER SEQUENCE: the sequence goes with its column. */
export function giveOwner(catalog: Catalog, sequence: CatalogObject, options: readonly TreeNode[]): void {
  for (const option of options) {
    if (textOf(option, 'defname') !== 'owned_by') continue;
    const value = canonical(option['arg'] ?? '');
    catalog.set(sequence, 'owned by', value.includes('"none"') ? '' : value);
    const names = namesOf(listOf(nodeOf(nodeOf(option, 'arg'), 'List'), 'items'));
    const table = names.length > 1 ? catalog.find('relation', keyOf(names.slice(0, -1))) : undefined;
    const column = table && catalog.find('column', names.at(-1) ?? '', table);
    catalog.adopt(sequence, column);
  }
}
