import type { Column } from './schema-object';

/**
 * The columns of a table in their order, by name. A table grows by one column at a time, and each step is kept: those that
 * only add to another share its columns, so that a thousand of them cost no thousand copies.
 */
export class ColumnList implements ReadonlyMap<string, Column> {
  private constructor(
    private readonly all: Column[],
    private readonly places: Map<string, number>,
    /** How many of `all` are its own; what is behind them belongs to a later step. */
    readonly size: number,
  ) {}

  static of(columns: Iterable<Column>): ColumnList {
    const all = [...new Map([...columns].map((column) => [column.name, column])).values()];
    return new ColumnList(all, new Map(all.map(({ name }, place) => [name, place])), all.length);
  }

  /** The same with a column in the place of the one of its name, else behind the last. */
  with(column: Column): ColumnList {
    const place = this.placeOf(column.name);
    if (place !== undefined) {
      const changed = this.own();
      changed[place] = column;
      return ColumnList.of(changed);
    }
    // Another step has been made from here already.
    if (this.all.length !== this.size) return ColumnList.of([...this.own(), column]);
    this.all.push(column);
    this.places.set(column.name, this.size);
    return new ColumnList(this.all, this.places, this.size + 1);
  }

  without(name: string): ColumnList {
    return this.has(name) ? ColumnList.of(this.own().filter((column) => column.name !== name)) : this;
  }

  get(name: string): Column | undefined {
    const place = this.placeOf(name);
    return place === undefined ? undefined : this.all[place];
  }

  has(name: string): boolean {
    return this.placeOf(name) !== undefined;
  }

  forEach(visit: (column: Column, name: string, map: ReadonlyMap<string, Column>) => void): void {
    for (const column of this.own()) visit(column, column.name, this);
  }

  *entries(): MapIterator<[string, Column]> {
    for (const column of this.own()) yield [column.name, column];
  }

  *keys(): MapIterator<string> {
    for (const { name } of this.own()) yield name;
  }

  *values(): MapIterator<Column> {
    yield* this.own();
  }

  [Symbol.iterator](): MapIterator<[string, Column]> {
    return this.entries();
  }

  private own(): Column[] {
    return this.all.slice(0, this.size);
  }

  private placeOf(name: string): number | undefined {
    const place = this.places.get(name);
    return place !== undefined && place < this.size ? place : undefined;
  }
}
