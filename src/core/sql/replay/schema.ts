import { ColumnList } from './column-list';
import type { Index, ObjectKind, Relation, Routine, SchemaObject, UserType } from './schema-object';

/** One change of the schema, to be taken back or made again. */
export interface SchemaChange {
  readonly kind: ObjectKind;
  readonly key: string;
  readonly before: SchemaObject | undefined;
  readonly after: SchemaObject | undefined;
}

/**
 * The schema as the scripts so far have made it. Objects are values: a change puts another one in the place. Every change is
 * kept, so that the schema can be taken back to what it was before a script without reading the scripts again.
 */
export class Schema {
  private readonly objects: Readonly<Record<ObjectKind, Map<string, SchemaObject>>> = {
    relation: new Map(),
    index: new Map(),
    type: new Map(),
    routine: new Map(),
    other: new Map(),
  };
  private readonly changes: SchemaChange[] = [];

  relation(key: string): Relation | undefined {
    return this.objects.relation.get(key) as Relation | undefined;
  }

  index(key: string): Index | undefined {
    return this.objects.index.get(key) as Index | undefined;
  }

  type(key: string): UserType | undefined {
    return this.objects.type.get(key) as UserType | undefined;
  }

  get(kind: ObjectKind, key: string): SchemaObject | undefined {
    return this.objects[kind].get(key);
  }

  /** The routines of a name, whatever their arguments. */
  routines(name: string): Routine[] {
    return this.all('routine').filter((routine) => routine.name === name);
  }

  /** Every object of a kind, in the order in which the scripts made them. */
  all<Kind extends ObjectKind>(kind: Kind): Extract<SchemaObject, { kind: Kind }>[] {
    return [...this.objects[kind].values()] as Extract<SchemaObject, { kind: Kind }>[];
  }

  /** The indexes of a table that scripts have made. */
  indexesOf(table: Relation): Index[] {
    return table.indexes.flatMap((key) => this.index(key) ?? []);
  }

  put(object: SchemaObject): void {
    this.change(object.kind, object.key, object);
  }

  remove(kind: ObjectKind, key: string): void {
    if (this.get(kind, key)) this.change(kind, key, undefined);
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
      if (change) this.set(change.kind, change.key, change.before);
    }
  }

  /** Makes changes again that were taken back; the schema must be the one they were made on. */
  redo(changes: readonly SchemaChange[]): void {
    for (const { kind, key, after } of changes) this.change(kind, key, after);
  }

  private change(kind: ObjectKind, key: string, after: SchemaObject | undefined): void {
    this.changes.push({ kind, key, before: this.objects[kind].get(key), after });
    this.set(kind, key, after);
  }

  private set(kind: ObjectKind, key: string, object: SchemaObject | undefined): void {
    if (object) this.objects[kind].set(key, object);
    else this.objects[kind].delete(key);
  }
}

/**
 * Whether two lists of changes leave the same schema. They must speak of the same objects in the same order, since that is the
 * order of `all`; of each only what is left of it counts, so that a table of many columns is not compared once for each.
 */
export function sameChanges(a: readonly SchemaChange[], b: readonly SchemaChange[]): boolean {
  if (a.length !== b.length) return false;
  const compared = new Set<string>();
  for (let at = a.length - 1; at >= 0; at--) {
    const [one, other] = [a[at], b[at]];
    if (one?.kind !== other?.kind || one?.key !== other?.key || !one?.after !== !other?.after) return false;
    const name = `${one?.kind ?? ''} ${one?.key ?? ''}`;
    if (compared.has(name)) continue;
    compared.add(name);
    if (!same(one?.after, other?.after)) return false;
  }
  return true;
}

/** Equal values: the parts of objects that did not change are the very same, which ends the comparison early. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof ColumnList && b instanceof ColumnList) return same([...a.values()], [...b.values()]);
  if (a instanceof Map && b instanceof Map) {
    if (a.size !== b.size) return false;
    for (const [key, value] of a as ReadonlyMap<unknown, unknown>)
      if (!b.has(key) || !same(value, b.get(key))) return false;
    return true;
  }
  const left = Object.entries(a);
  const right = b as Readonly<Record<string, unknown>>;
  return left.length === Object.keys(b).length && left.every(([key, value]) => same(value, right[key]));
}
