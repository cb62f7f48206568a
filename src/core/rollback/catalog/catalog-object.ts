/** Who changed something: the scripts before the pair, the V script of it or the U script. */
export type Side = 'before' | 'versioned' | 'undo';

/** The statement, or the subcommand, that changes something. Offsets are those of its script. */
export interface Cause {
  readonly side: Side;
  readonly start: number;
  readonly end: number;
  /** The statement as it stands in its script, to be shown. */
  readonly text: string;
}

/** Names that must differ from each other: tables, views, indexes and sequences share one space, as in PostgreSQL. */
export type NameSpace = string;

/** Something that a database holds. `id` stays when it is renamed or moved. */
export interface CatalogObject {
  readonly id: number;
  readonly space: NameSpace;
  /** For sentences: "table", "column". */
  kind: string;
  /** The key within its space and parent. */
  key: string;
  /** The table of a column, the type of a label. It goes with it. */
  parent: CatalogObject | undefined;
  alive: boolean;
  /** False when only its use tells that it is there: what is not set then is unknown, not empty. */
  readonly known: boolean;
  readonly born: Cause | undefined;
  died: Cause | undefined;
  /** What was dropped made it go too. */
  diedWith: CatalogObject | undefined;
  readonly facets: Map<string, Facet>;
  /** Objects that it cannot be without: the table of a view, the type of a column. */
  readonly needs: Set<CatalogObject>;
  /** Columns of its parent that it is made of: it goes with any of them. */
  columns: readonly string[];
}

/** One property; an empty text is the default, or nothing. */
export interface Facet {
  readonly value: string;
  readonly cause: Cause | undefined;
}

/** How an object is called in a sentence: `column orders.note`. */
export function nameOf(object: CatalogObject): string {
  const { parent, kind, key } = object;
  const bare = key.replace(/\(.*/s, (signature) => signature.replaceAll(',', ', '));
  if (!parent) return `${kind} ${bare}`;
  return kind === 'column' || kind === 'label' ? `${kind} ${parent.key}.${bare}` : `${kind} ${bare} on ${parent.key}`;
}
