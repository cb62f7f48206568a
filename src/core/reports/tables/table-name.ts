/** A table as a statement names it, folded to the case PostgreSQL looks for. */
export interface TableName {
  /** Undefined: found along the search path of whoever ran it. */
  readonly schema: string | undefined;
  readonly name: string;
}

/** Which tables a statement touches, best effort: never the ground for a verdict. */
export type TablesOfStatement =
  | { readonly kind: 'tables'; readonly tables: readonly TableName[] }
  | { readonly kind: 'unparsed'; readonly why: string };

/** Reads the tables of statements, in the order given. It may take time, but never the editor's. */
export interface TableExtractor {
  extract(statements: readonly string[], signal: AbortSignal): Promise<readonly TablesOfStatement[]>;
}
