import { relationKey } from '../../rollback/script-memory';
import type { RelationName } from '../../rollback/tree';
import type { ParsedStatement } from '../parsed-statement';
import type { Origin } from './schema-object';

/** What the replay of one statement knows of its surroundings. */
export interface StatementScope {
  readonly statement: ParsedStatement;
  readonly origin: Origin;
  /** The statement's range, or that of the subcommand. */
  readonly place: { readonly start: number; readonly end: number };
  /** The script as it is parsed. */
  readonly sql: string;
  /** Writes placeholders back into a name or a text. */
  readonly restore: (derived: string) => string;
  /** PostgreSQL's major version, where it is known. */
  readonly major?: number | undefined;
  /** It stands in a DO block, and runs when that decides to. */
  readonly isInBlock?: true;
  /** Where names without a schema are looked up; undefined for public. */
  readonly searched: string | undefined;
}

/** The key of a relation, a type or a routine: `schema.name`, without the schema for public. */
export function keyOf(scope: StatementScope, name: RelationName): string {
  return scope.restore(relationKey({ name: name.name, schema: name.schema ?? scope.searched }));
}

/** The same from the parts of a qualified name. */
export function keyOfNames(scope: StatementScope, names: readonly string[]): string {
  return keyOf(scope, { schema: names.at(-2), name: names.at(-1) ?? '?' });
}

/** A part of the script as it was written, with single blanks. */
export function written(scope: StatementScope, start: number, end: number): string {
  return scope.restore(scope.sql.slice(start, end).replace(/\s+/g, ' ').trim());
}

/** The whole statement as it was written. */
export function definitionOf(scope: StatementScope): string {
  return scope.restore(scope.sql.slice(scope.statement.start, scope.statement.end));
}
