import { ColumnList } from './column-list';

/** Where a part of the schema comes from. */
export interface Origin {
  /** Path of the script. */
  readonly script: string;
  /** Which of the script's transactions made it; undefined for a statement that commits by itself. */
  readonly transaction: number | undefined;
}

/** What COMMENT, OWNER TO and GRANT leave on an object. */
export interface Described {
  /** Undefined: never commented on by a script. Null: the comment was taken away. */
  readonly comment?: string | null;
  readonly owner?: string;
  /** One text for each privilege and role, as `SELECT TO app`. */
  readonly grants?: readonly string[];
}

export interface Column extends Described {
  readonly name: string;
  /** As SQL writes it, `numeric(10,2)`; undefined where no script tells. */
  readonly type: string | undefined;
  readonly collation?: string | undefined;
  readonly notNull: boolean;
  /** The default as it was written; undefined for none. */
  readonly default?: string;
  readonly generated?: 'identity' | 'stored' | 'virtual';
  readonly origin: Origin;
}

export interface TableConstraint {
  readonly name: string;
  readonly kind: 'primary-key' | 'unique' | 'foreign-key' | 'check' | 'exclude' | 'not-null';
  readonly columns: readonly string[];
  /** Of a foreign key: the key of the other table, and its columns where they were named. */
  readonly references?: { readonly table: string; readonly columns: readonly string[] };
  /** False after NOT VALID, until it is validated. */
  readonly valid: boolean;
  /** The columns that a check proves to be NOT NULL: `CHECK (a IS NOT NULL)`. */
  readonly provesNotNull: readonly string[];
  /** As it was written. */
  readonly definition: string;
  readonly origin: Origin;
}

interface SchemaPart {
  readonly key: string;
  readonly origin: Origin;
  /** The statement that made it last, as it was written. */
  readonly definition: string;
}

export interface Relation extends SchemaPart, Described {
  readonly kind: 'relation';
  readonly type: 'table' | 'view' | 'materialized view' | 'sequence' | 'foreign table';
  /** Whether every column is known: false for a table that another one is like, or that a query made. */
  readonly complete: boolean;
  readonly columns: ColumnList;
  readonly constraints: readonly TableConstraint[];
  /** Keys of its indexes, those of constraints included. */
  readonly indexes: readonly string[];
  readonly persistence: 'permanent' | 'unlogged' | 'temporary';
  /** Columns of the partition key; an expression is an empty text. Undefined for a table that is not partitioned. */
  readonly partitionKey?: readonly string[];
  readonly partitionOf?: string;
  readonly isDefaultPartition?: boolean;
  readonly partitions: readonly string[];
  readonly inherits: readonly string[];
  readonly rowSecurity: boolean;
  readonly triggers: readonly string[];
  readonly policies: readonly string[];
  /** Storage parameters by name. */
  readonly options: ReadonlyMap<string, string>;
}

export interface IndexPart {
  /** A column's name, or an expression as it was written. */
  readonly what: string;
  readonly expression: boolean;
  /** Operator class, collation, order: empty where all are the default. */
  readonly how: string;
}

export interface Index extends SchemaPart, Described {
  readonly kind: 'index';
  readonly table: string;
  readonly parts: readonly IndexPart[];
  readonly included: readonly string[];
  readonly unique: boolean;
  readonly method: string;
  /** The predicate of a partial index, as it was written. */
  readonly predicate?: string;
  /** The constraint that it belongs to. */
  readonly constraint?: string;
}

export interface UserType extends SchemaPart, Described {
  readonly kind: 'type';
  readonly type: 'enum' | 'domain' | 'composite' | 'range' | 'other';
  /** Labels of an enum in their order. */
  readonly labels?: readonly string[];
  /** The type under a domain. */
  readonly base?: string;
  /** Whether a domain has a CHECK or NOT NULL. */
  readonly constrained?: boolean;
}

export interface Routine extends SchemaPart, Described {
  readonly kind: 'routine';
  /** Without its arguments. */
  readonly name: string;
  readonly type: 'function' | 'procedure' | 'aggregate';
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  /** A procedure with a COMMIT or a ROLLBACK in it. */
  readonly endsTransaction?: boolean;
}

/** Schemas, extensions, triggers, policies, rules, statistics: those on a table under `table name`. */
export interface OtherObject extends SchemaPart, Described {
  readonly kind: 'other';
  readonly type: string;
}

export type SchemaObject = Relation | Index | UserType | Routine | OtherObject;
export type ObjectKind = SchemaObject['kind'];

/** A relation without anything in it. */
export function emptyRelation(part: SchemaPart, type: Relation['type']): Relation {
  return {
    ...part,
    kind: 'relation',
    type,
    complete: false,
    columns: ColumnList.of([]),
    constraints: [],
    indexes: [],
    persistence: 'permanent',
    partitions: [],
    inherits: [],
    rowSecurity: false,
    triggers: [],
    policies: [],
    options: new Map(),
  };
}
