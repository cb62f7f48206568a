import type { RelationName } from './tree';

/** The columns of which a copy was made. */
export type CopiedColumns = 'all' | ReadonlySet<string>;

/** `schema.name`; the schema that is searched by default is left out, so that `public.t` is `t`. */
export function relationKey({ schema, name }: RelationName): string {
  return schema === undefined || schema === 'public' ? name : `${schema}.${name}`;
}

/**
 * What a script has made up to a statement: to change or drop that loses nothing that was there before it, and of what it
 * has copied it can bring the values back.
 */
export class ScriptMemory {
  private readonly tables = new Set<string>();
  private readonly columns = new Set<string>();
  private readonly temporary = new Set<string>();
  private readonly goneAgain = new Set<string>();
  private readonly copies = new Map<string, CopiedColumns>();

  created(table: RelationName, temporary: boolean): void {
    this.tables.add(relationKey(table));
    if (temporary) this.temporary.add(relationKey(table));
  }

  addedColumn(table: RelationName, column: string): void {
    this.columns.add(columnKey(table, column));
  }

  renamed(table: RelationName, name: string): void {
    if (!this.tables.delete(relationKey(table))) return;
    this.tables.add(relationKey({ ...table, name }));
    if (this.temporary.delete(relationKey(table))) this.temporary.add(relationKey({ ...table, name }));
  }

  /** Something of the script's own that the script drops again, or that is dropped with its table: a sequence of a column. */
  gone(kind: string, name: RelationName): void {
    this.goneAgain.add(`${kind} ${relationKey(name)}`);
  }

  isGone(created: string): boolean {
    return this.goneAgain.has(created);
  }

  /** Whether the script itself has created the table. */
  isOwn(table: RelationName): boolean {
    return this.tables.has(relationKey(table));
  }

  /** Whether the script itself has added the column. */
  isOwnColumn(table: RelationName, column: string): boolean {
    return this.isOwn(table) || this.columns.has(columnKey(table, column));
  }

  /** Remembers that rows of `source` were copied into `target`. A temporary table is gone with the session. */
  copied(source: RelationName, columns: CopiedColumns, target: RelationName): void {
    if (this.temporary.has(relationKey(target))) return;
    const before = this.copies.get(relationKey(source));
    if (before === 'all' || columns === 'all') this.copies.set(relationKey(source), 'all');
    else this.copies.set(relationKey(source), new Set([...(before ?? []), ...columns]));
  }

  /** Whether a copy holds these columns of a table; without `columns`, all of them. */
  hasCopy(table: RelationName, columns?: readonly string[]): boolean {
    const copy = this.copies.get(relationKey(table));
    if (copy === undefined || copy === 'all') return copy === 'all';
    return columns !== undefined && columns.length > 0 && columns.every((column) => copy.has(column));
  }
}

function columnKey(table: RelationName, column: string): string {
  return `${relationKey(table)}\0${column}`;
}
