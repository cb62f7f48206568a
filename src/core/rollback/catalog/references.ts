import type { TreeNode } from '../../sql/grammar';
import { listOf, namesOf, nodeOf, textOf } from '../tree';
import type { Catalog } from './catalog';
import type { CatalogObject } from './catalog-object';
import { keyOf, rangeKey } from './object-names';

/** What a query or an expression refers to, by name. */
export interface References {
  readonly relations: ReadonlySet<string>;
  readonly columns: ReadonlySet<string>;
  readonly routines: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
}

/** Functions whose first argument names a sequence. */
const ofSequence = new Set(['nextval', 'currval', 'setval']);

/** `'q'`, `'public.q'::regclass`: the key of what a constant names. */
function constantName(argument: TreeNode | undefined): string | undefined {
  const value = nodeOf(nodeOf(argument, 'TypeCast'), 'arg') ?? argument;
  const text = textOf(nodeOf(nodeOf(value, 'A_Const'), 'sval'), 'sval');
  const parts = text?.match(/"(?:[^"]|"")*"|[^."]+/g) ?? [];
  const names = parts.map((part) =>
    part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase(),
  );
  return names.length === 0 ? undefined : keyOf(names);
}

/** Every relation, column, function and type that is named anywhere in a tree. */
export function referencesIn(tree: unknown): References {
  const relations = new Set<string>();
  const columns = new Set<string>();
  const routines = new Set<string>();
  const types = new Set<string>();
  const common = new Set<string>();
  const pending: unknown[] = [tree];
  while (pending.length > 0) {
    const value = pending.pop();
    if (Array.isArray(value)) for (const item of value as readonly unknown[]) pending.push(item);
    else if (typeof value === 'object' && value !== null) {
      const node = value as TreeNode;
      for (const [key, inner] of Object.entries(node)) {
        const child = inner as TreeNode;
        if (key === 'RangeVar') {
          const name = rangeKey(child);
          if (name !== undefined) relations.add(name);
        } else if (key === 'CommonTableExpr') common.add(textOf(child, 'ctename') ?? '');
        else if (key === 'ColumnRef') for (const name of namesOf(listOf(child, 'fields')).slice(-1)) columns.add(name);
        else if (key === 'FuncCall') {
          const called = namesOf(listOf(child, 'funcname'));
          routines.add(keyOf(called));
          const sequence = ofSequence.has(called.at(-1) ?? '') ? constantName(listOf(child, 'args')[0]) : undefined;
          if (sequence !== undefined) relations.add(sequence);
        } else if (key === 'TypeName' || key === 'typeName') types.add(keyOf(namesOf(listOf(child, 'names'))));
        if (typeof inner === 'object') pending.push(inner);
      }
    }
  }
  for (const name of common) relations.delete(name);
  return { relations, columns, routines, types };
}

/** The objects of the catalog that a tree needs: its relations, the columns of them that it names, functions and types. */
export function neededBy(catalog: Catalog, tree: unknown, ofTable?: CatalogObject): CatalogObject[] {
  const { relations, columns, routines, types } = referencesIn(tree);
  const needed: CatalogObject[] = [];
  const tables = [...relations].flatMap((key) => catalog.find('relation', key) ?? []);
  needed.push(...tables);
  for (const table of ofTable ? [...tables, ofTable] : tables)
    for (const column of columns) needed.push(...presence(catalog.find('column', column, table)));
  for (const name of routines) needed.push(...presence(catalog.routineNamed(name)));
  for (const name of types) needed.push(...presence(catalog.find('type', name)));
  return needed.filter((object) => object !== ofTable);
}

/** The type of a column, when it is one that a script has made: a table is one too, of its rows. */
export function typeNeeded(catalog: Catalog, typeName: TreeNode | undefined): CatalogObject[] {
  const names = namesOf(listOf(typeName, 'names'));
  return names.length === 0 || names[0] === 'pg_catalog'
    ? []
    : presence(catalog.find('type', keyOf(names)) ?? catalog.find('relation', keyOf(names)));
}

function presence(object: CatalogObject | undefined): CatalogObject[] {
  return object ? [object] : [];
}
