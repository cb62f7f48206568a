/** What a statement tells of the types of columns. Tables by their key (script-memory.ts). */
export type SchemaFact =
  | { readonly kind: 'table'; readonly table: string; readonly columns: ReadonlyMap<string, string> }
  | { readonly kind: 'column'; readonly table: string; readonly column: string; readonly type: string }
  | { readonly kind: 'no-table'; readonly table: string }
  | { readonly kind: 'no-column'; readonly table: string; readonly column: string }
  | { readonly kind: 'table-renamed'; readonly table: string; readonly to: string }
  | { readonly kind: 'column-renamed'; readonly table: string; readonly column: string; readonly to: string };

/** The types of the columns that scripts have made so far, in the order in which they run. */
export class ColumnTypes {
  private readonly tables = new Map<string, Map<string, string>>();

  /** The type of a column, or undefined where no script tells. */
  typeOf(table: string, column: string): string | undefined {
    return this.tables.get(table)?.get(column);
  }

  apply(fact: SchemaFact): void {
    const columns = this.tables.get(fact.table);
    switch (fact.kind) {
      case 'table':
        this.tables.set(fact.table, new Map(fact.columns));
        break;
      case 'column':
        if (columns) columns.set(fact.column, fact.type);
        else this.tables.set(fact.table, new Map([[fact.column, fact.type]]));
        break;
      case 'no-table':
        this.tables.delete(fact.table);
        break;
      case 'no-column':
        columns?.delete(fact.column);
        break;
      case 'table-renamed':
        if (columns) this.tables.set(fact.to, columns);
        this.tables.delete(fact.table);
        break;
      case 'column-renamed': {
        const type = columns?.get(fact.column);
        if (columns && type !== undefined) columns.set(fact.to, type);
        columns?.delete(fact.column);
        break;
      }
    }
  }
}
