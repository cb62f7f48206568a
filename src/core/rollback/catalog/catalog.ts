import type { CatalogObject, Cause, Facet, NameSpace } from './catalog-object';

/** What an object was when a comparison began. */
export interface Before {
  readonly object: CatalogObject;
  readonly alive: boolean;
  readonly key: string;
  readonly parent: CatalogObject | undefined;
  readonly facets: ReadonlyMap<string, Facet>;
  readonly columns: readonly string[];
}

/** A statement that PostgreSQL refuses, as far as the scripts tell. */
export interface Refusal {
  readonly cause: Cause;
  readonly kind: 'missing' | 'exists' | 'depends' | 'replace';
  readonly message: string;
}

/** Something that a statement would drop if it were there; no script tells that it is. */
export interface Missed {
  readonly cause: Cause;
  readonly space: NameSpace;
  readonly key: string;
  readonly name: string;
}

/** One change, to be taken back and made again. */
export interface Change {
  readonly apply: () => void;
  readonly takeBack: () => void;
}

interface Creation {
  readonly space: NameSpace;
  readonly key: string;
  readonly kind: string;
  readonly parent?: CatalogObject | undefined;
  readonly facets?: ReadonlyMap<string, string>;
  readonly columns?: readonly string[];
  readonly needs?: readonly CatalogObject[];
}

/**
 * What the scripts so far have made of a database, by name and property. An object that no script made is assumed when it
 * is used. Every change can be taken back, and `begin` remembers what each object was, so that the state behind a V script
 * and its U script can be compared with the one before.
 */
export class Catalog {
  private nextId = 1;
  private readonly objects = new Map<number, CatalogObject>();
  private readonly names = new Map<string, CatalogObject>();
  private readonly children = new Map<number, Set<CatalogObject>>();
  private readonly dependents = new Map<number, Set<CatalogObject>>();
  /** Routines by their name alone. */
  private readonly routines = new Map<string, Set<CatalogObject>>();
  private readonly journal: Change[] = [];
  private touched = new Map<number, Before>();
  private newborn = new Set<CatalogObject>();
  private refused: Refusal[] = [];
  private gone = new Map<string, CatalogObject>();
  private perhaps: Missed[] = [];
  private cause: Cause = { side: 'before', start: 0, end: 0, text: '' };

  /** From here on `changes` tells what is different. */
  begin(): void {
    this.touched = new Map();
    this.newborn = new Set();
    this.refused = [];
    this.gone = new Map();
    this.perhaps = [];
  }

  /** The statement that makes the changes to come. */
  at(cause: Cause): void {
    this.cause = cause;
  }

  get now(): Cause {
    return this.cause;
  }

  get mark(): number {
    return this.journal.length;
  }

  /** Takes back all changes behind a mark, and gives them in their order. */
  rewind(mark: number): readonly Change[] {
    const taken = this.journal.splice(mark);
    for (const change of [...taken].reverse()) change.takeBack();
    return taken;
  }

  /** Makes changes again that were taken back; the catalog must be as it was when they were made. */
  redo(changes: readonly Change[]): void {
    for (const change of changes) {
      change.apply();
      this.journal.push(change);
    }
  }

  changes(): {
    readonly before: readonly Before[];
    readonly born: readonly CatalogObject[];
    readonly refusals: readonly Refusal[];
    readonly missed: readonly Missed[];
  } {
    return {
      missed: this.perhaps,
      before: [...this.touched.values()],
      born: [...this.newborn],
      refusals: this.refused,
    };
  }

  /** Whether an object was made since `begin`. */
  isNew(object: CatalogObject): boolean {
    return this.newborn.has(object);
  }

  /** Whether a property was set since `begin`. */
  isSet(object: CatalogObject, facet: string): boolean {
    const present = object.facets.get(facet);
    return present !== undefined && present !== this.touched.get(object.id)?.facets.get(facet);
  }

  /** An object by its number, whatever has become of it. */
  objectOf(id: number): CatalogObject | undefined {
    return this.objects.get(id);
  }

  find(space: NameSpace, key: string, parent?: CatalogObject): CatalogObject | undefined {
    return this.names.get(slot(space, key, parent));
  }

  /** The object of this name, assumed when no script made it. */
  get(space: NameSpace, key: string, kind: string, parent?: CatalogObject): CatalogObject {
    return this.find(space, key, parent) ?? this.make({ space, key, kind, parent }, false);
  }

  create(creation: Creation): CatalogObject {
    const present = this.find(creation.space, creation.key, creation.parent);
    if (present) {
      this.refuse('exists', `the ${present.kind} ${present.key} is there already`);
      return present;
    }
    return this.make(creation, true);
  }

  /** Drops an object with everything that goes with it. */
  drop(object: CatalogObject, diedWith?: CatalogObject): void {
    if (!object.alive) return;
    this.touch(object);
    this.gone.set(`${object.space}\0${object.key}`, object);
    this.change(
      () => {
        object.alive = false;
        object.died = this.cause;
        object.diedWith = diedWith;
        this.names.delete(slotOf(object));
      },
      () => {
        object.alive = true;
        object.died = undefined;
        object.diedWith = undefined;
        this.names.set(slotOf(object), object);
      },
    );
    for (const child of this.childrenOf(object)) this.drop(child, diedWith ?? object);
  }

  /** Gives an object another name, or another parent. */
  rename(object: CatalogObject, key: string): void {
    if (key === object.key) return;
    const taken = this.find(object.space, key, object.parent);
    if (taken) {
      this.refuse('exists', `the ${taken.kind} ${taken.key} is there already`);
      return;
    }
    this.touch(object);
    const old = object.key;
    const give = (name: string): void => {
      this.names.delete(slotOf(object));
      object.key = name;
      this.names.set(slotOf(object), object);
      if (object.space === 'routine') this.rememberRoutine(object);
    };
    this.change(
      () => give(key),
      () => give(old),
    );
    this.set(object, 'name', key);
  }

  set(object: CatalogObject, facet: string, value: string): void {
    this.touch(object);
    const old = object.facets.get(facet);
    const next: Facet = { value, cause: this.cause };
    this.change(
      () => object.facets.set(facet, next),
      () => (old ? object.facets.set(facet, old) : object.facets.delete(facet)),
    );
  }

  /** The value of a property; undefined when no script tells. */
  value(object: CatalogObject, facet: string): string | undefined {
    return object.facets.get(facet)?.value ?? (object.known ? '' : undefined);
  }

  setColumns(object: CatalogObject, columns: readonly string[]): void {
    this.touch(object);
    const old = object.columns;
    this.change(
      () => (object.columns = columns),
      () => (object.columns = old),
    );
  }

  /** What is on an object and goes with it. */
  childrenOf(object: CatalogObject): CatalogObject[] {
    return [...(this.children.get(object.id) ?? [])].filter((child) => child.alive);
  }

  /** Everything that cannot be without an object, itself and its own parts left out. */
  dependentsOf(object: CatalogObject): CatalogObject[] {
    return [...(this.dependents.get(object.id) ?? [])].filter(
      (other) => other.alive && other.needs.has(object) && !isPartOf(other, object),
    );
  }

  /** What has its name in a schema. */
  inSchema(schema: string): CatalogObject[] {
    return [...this.names.values()].filter(
      ({ space, key }) =>
        !local.has(space) &&
        space !== 'cast' &&
        (schema === 'public' ? !key.includes('.') : key.startsWith(`${schema}.`)),
    );
  }

  /** The constraint whose index has this key. */
  constraintOfIndex(key: string): CatalogObject | undefined {
    const name = key.slice(key.lastIndexOf('.') + 1);
    return [...this.names.values()].find(
      ({ space, key: own, parent, facets }) =>
        space === 'constraint' &&
        own === name &&
        parent?.space === 'relation' &&
        parent.key.slice(0, parent.key.lastIndexOf('.') + 1) + name === key &&
        /^CONSTR_(PRIMARY|UNIQUE|EXCLUSION)/.test(facets.get('definition')?.value ?? ''),
    );
  }

  /** The only routine of a name, whatever its arguments. */
  routineNamed(name: string): CatalogObject | undefined {
    const found = [...(this.routines.get(name) ?? [])].filter((routine) => routine.alive && bareName(routine) === name);
    return found.length === 1 ? found[0] : undefined;
  }

  /** From here on `object` cannot be without `other`. */
  addNeed(object: CatalogObject, other: CatalogObject): void {
    if (object === other) return;
    object.needs.add(other);
    this.dependents.set(other.id, (this.dependents.get(other.id) ?? new Set()).add(object));
  }

  /** The last object of a name that went during the comparison, and has not come back. */
  lastDropped(space: NameSpace, key: string): CatalogObject | undefined {
    return this.gone.get(`${space}\0${key}`);
  }

  /** IF EXISTS over something of which no script tells. */
  missed(space: NameSpace, key: string, name: string): void {
    this.perhaps.push({ cause: this.cause, space, key, name });
  }

  refuse(kind: Refusal['kind'], message: string): void {
    this.refused.push({ cause: this.cause, kind, message });
  }

  /** Makes an object go with another: OWNED BY of a sequence. Undefined: with none. */
  adopt(object: CatalogObject, parent: CatalogObject | undefined): void {
    const old = object.parent;
    const give = (to: CatalogObject | undefined): void => {
      if (object.parent) this.children.get(object.parent.id)?.delete(object);
      object.parent = to;
      if (to) this.children.set(to.id, (this.children.get(to.id) ?? new Set()).add(object));
    };
    this.change(
      () => give(parent),
      () => give(old),
    );
  }

  /** Replaces what an object needs. */
  setNeeds(object: CatalogObject, needs: readonly CatalogObject[]): void {
    const old = [...object.needs];
    const put = (all: readonly CatalogObject[]): void => {
      object.needs.clear();
      for (const need of all) this.addNeed(object, need);
    };
    this.change(
      () => put(needs),
      () => put(old),
    );
  }

  private make(creation: Creation, known: boolean): CatalogObject {
    const { space, key, kind, parent, facets = new Map<string, string>(), columns = [], needs = [] } = creation;
    const born = known ? this.cause : undefined;
    const object: CatalogObject = {
      id: this.nextId++,
      space,
      key,
      kind,
      parent,
      alive: true,
      known,
      born,
      died: undefined,
      diedWith: undefined,
      facets: new Map([...facets].map(([name, value]) => [name, { value, cause: this.cause }])),
      needs: new Set(),
      columns,
    };
    this.objects.set(object.id, object);
    for (const need of needs) this.addNeed(object, need);
    if (space === 'routine') this.rememberRoutine(object);
    const siblings = parent && (this.children.get(parent.id) ?? new Set());
    if (parent && siblings) this.children.set(parent.id, siblings);
    this.change(
      () => {
        object.alive = true;
        this.names.set(slotOf(object), object);
        siblings?.add(object);
      },
      () => {
        this.names.delete(slotOf(object));
        siblings?.delete(object);
        object.alive = false;
      },
    );
    if (known) this.newborn.add(object);
    else this.touch(object);
    return object;
  }

  private rememberRoutine(routine: CatalogObject): void {
    const name = bareName(routine);
    this.routines.set(name, (this.routines.get(name) ?? new Set()).add(routine));
  }

  private touch(object: CatalogObject): void {
    if (this.touched.has(object.id) || this.newborn.has(object)) return;
    this.touched.set(object.id, {
      object,
      alive: object.alive,
      key: object.key,
      parent: object.parent,
      facets: new Map(object.facets),
      columns: object.columns,
    });
  }

  private change(apply: () => void, takeBack: () => void): void {
    apply();
    this.journal.push({ apply, takeBack });
  }
}

function bareName({ key }: CatalogObject): string {
  return key.replace(/\(.*$/s, '');
}

function isPartOf(object: CatalogObject, whole: CatalogObject): boolean {
  for (let at = object.parent; at; at = at.parent) if (at === whole) return true;
  return false;
}

function slotOf({ space, key, parent }: CatalogObject): string {
  return slot(space, key, parent);
}

/** Names that need to differ only from those on the same table or type. */
const local = new Set<NameSpace>(['column', 'constraint', 'trigger', 'policy', 'rule', 'label', 'attribute']);

function slot(space: NameSpace, key: string, parent: CatalogObject | undefined): string {
  return `${space}\0${local.has(space) ? (parent?.id ?? '') : ''}\0${key}`;
}
