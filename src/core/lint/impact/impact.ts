import type { TreeNode } from '../../sql/grammar';
import type { Relation } from '../../sql/replay/schema-object';
import type { Schema } from '../../sql/replay/schema';
import { strength, type LockMode } from './lock-mode';

export interface Lock {
  /** Key of the relation. */
  readonly relation: string;
  readonly mode: LockMode;
}

/**
 * How long a statement holds its locks: `brief` touches the catalogue only, `scan` reads every row, `build` makes an index,
 * `rewrite` writes the table again. `unknown`: it depends on what no script tells.
 */
export type Work = 'brief' | 'scan' | 'build' | 'rewrite' | 'unknown';

/** What one statement, or one subcommand of ALTER TABLE, does to those who work with the database meanwhile. */
export interface Impact {
  readonly start: number;
  readonly end: number;
  /** The subcommand, `AT_AddColumn`; empty for other statements. */
  readonly subtype: string;
  readonly command: TreeNode;
  /** All locks but ACCESS SHARE. */
  readonly locks: readonly Lock[];
  readonly work: Work;
  /** Keys of the tables and indexes that get a new file. */
  readonly rewrites: readonly string[];
}

/** The part of an impact that a statement decides; its place is added by the caller. */
export type Effects = Pick<Impact, 'locks' | 'work' | 'rewrites'>;

export const noEffects: Effects = { locks: [], work: 'brief', rewrites: [] };

export function locked(...locks: readonly (readonly [relation: string | undefined, ...modes: LockMode[]])[]): Lock[] {
  return locks.flatMap(([relation, ...modes]) =>
    relation === undefined ? [] : modes.map((mode) => ({ relation, mode })),
  );
}

/** A table with every index of it that is known. */
export function withIndexes(schema: Schema, key: string): string[] {
  return [...(schema.relation(key)?.indexes ?? []), key];
}

/** The partitions of a table, theirs included; empty for a table that is not partitioned. */
export function partitionsOf(schema: Schema, key: string): string[] {
  return (schema.relation(key)?.partitions ?? []).flatMap((partition) => [
    partition,
    ...partitionsOf(schema, partition),
  ]);
}

/** The tables whose foreign keys lead to these, and those that refer to them in turn. */
export function referringTo(schema: Schema, tables: readonly string[]): string[] {
  const found = new Set(tables);
  const all = schema.all('relation');
  for (const table of found)
    for (const { key, constraints } of all)
      if (constraints.some(({ references }) => references?.table === table)) found.add(key);
  return [...found].filter((table) => !tables.includes(table));
}

export function defaultPartition(schema: Schema, key: string): string | undefined {
  return schema.relation(key)?.partitions.find((partition) => schema.relation(partition)?.isDefaultPartition === true);
}

export function isPartitioned(relation: Relation | undefined): boolean {
  return relation?.partitionKey !== undefined;
}

/** The strongest lock on each relation. */
export function strongest(locks: readonly Lock[]): Map<string, LockMode> {
  const modes = new Map<string, LockMode>();
  for (const { relation, mode } of locks) {
    const before = modes.get(relation);
    if (before === undefined || strength(mode) > strength(before)) modes.set(relation, mode);
  }
  return modes;
}
