import type { Index, ObjectKind, Relation, Routine, SchemaObject, UserType } from './schema-object';

/** One change of the schema, to be taken back or made again. */
export interface SchemaChange {
  readonly id: string;
  readonly before: SchemaObject | undefined;
  readonly after: SchemaObject | undefined;
}

/**
 * The schema as the scripts so far have made it. Objects are values: a change puts another one in the place. Every change is
 * kept, so that the schema can be taken back to what it was before a script without reading the scripts again.
 */
export class Schema {
  private readonly objects = new Map<string, SchemaObject>();
  private readonly changes: SchemaChange[] = [];

  relation(key: string): Relation | undefined {
    return this.get('relation', key) as Relation | undefined;
  }

  index(key: string): Index | undefined {
    return this.get('index', key) as Index | undefined;
  }

  type(key: string): UserType | undefined {
    return this.get('type', key) as UserType | undefined;
  }

  get(kind: ObjectKind, key: string): SchemaObject | undefined {
    return this.objects.get(`${kind} ${key}`);
  }

  /** The routines of a name, whatever their arguments. */
  routines(name: string): Routine[] {
    return this.all('routine').filter((routine) => routine.name === name);
  }

  /** Every object of a kind, in the order in which the scripts made them. */
  all<Kind extends ObjectKind>(kind: Kind): Extract<SchemaObject, { kind: Kind }>[] {
    return [...this.objects.values()].filter(
      (object): object is Extract<SchemaObject, { kind: Kind }> => object.kind === kind,
    );
  }

  /** The indexes of a table that scripts have made. */
  indexesOf(table: Relation): Index[] {
    return table.indexes.flatMap((key) => this.index(key) ?? []);
  }

  put(object: SchemaObject): void {
    this.change(`${object.kind} ${object.key}`, object);
  }

  remove(kind: ObjectKind, key: string): void {
    if (this.get(kind, key)) this.change(`${kind} ${key}`, undefined);
  }

  /** How many changes there are by now: the point to come back to. */
  get mark(): number {
    return this.changes.length;
  }

  changesSince(mark: number): readonly SchemaChange[] {
    return this.changes.slice(mark);
  }

  /** Takes back all changes behind a mark. */
  rewind(mark: number): void {
    while (this.changes.length > mark) {
      const change = this.changes.pop();
      if (change) this.set(change.id, change.before);
    }
  }

  /** Makes changes again that were taken back; the schema must be the one they were made on. */
  redo(changes: readonly SchemaChange[]): void {
    for (const { id, after } of changes) this.change(id, after);
  }

  private change(id: string, after: SchemaObject | undefined): void {
    this.changes.push({ id, before: this.objects.get(id), after });
    this.set(id, after);
  }

  private set(id: string, object: SchemaObject | undefined): void {
    if (object) this.objects.set(id, object);
    else this.objects.delete(id);
  }
}
