import { number, numberOrNull, text, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import type { TableName } from './table-name';

/** A relation of the catalogue that bears a wanted name. */
export interface CatalogRelation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** `relkind`. */
  readonly kind: string;
  /** Place of its schema in this session's search path, or null. */
  readonly pathPosition: number | null;
}

/** What a name of a statement means in this database. */
export type ResolvedTable =
  | { readonly kind: 'relation'; readonly relation: CatalogRelation; readonly guessed: boolean }
  | { readonly kind: 'missing'; readonly name: TableName }
  | { readonly kind: 'ambiguous'; readonly name: TableName; readonly schemas: number };

/** How many relations of one name are looked at: databases with a schema for each tenant have thousands. */
const mostOfOneName = 20;

/** The relations with any of these names, whatever their schema. */
export function relationsStatement(names: readonly TableName[]): Statement<CatalogRelation> {
  return {
    name: 'tables of statements',
    text: `
SELECT c.oid::int8 AS oid, n.nspname::text AS schema_name, c.relname::text AS relation_name, c.relkind::text AS kind,
  pg_catalog.array_position(pg_catalog.current_schemas(true), n.nspname) AS path_position
FROM (SELECT DISTINCT w.schema_name, w.relation_name FROM unnest($1::text[], $2::text[]) AS w(schema_name, relation_name)) AS wanted
CROSS JOIN LATERAL (SELECT r.* FROM pg_catalog.pg_class AS r JOIN pg_catalog.pg_namespace AS s ON s.oid = r.relnamespace
  WHERE r.relname = wanted.relation_name::name AND r.relkind IN ('r', 'p', 'm', 'v', 'f')
  AND (wanted.schema_name IS NULL OR s.nspname = wanted.schema_name::name)
  ORDER BY pg_catalog.array_position(pg_catalog.current_schemas(true), s.nspname) NULLS LAST LIMIT ${mostOfOneName}) AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace`,
    values: [names.map((name) => name.schema ?? null), names.map((name) => name.name)],
    row: readRelation,
  };
}

function readRelation(raw: RawRow): CatalogRelation {
  return {
    oid: number(raw, 'oid'),
    schema: text(raw, 'schema_name'),
    name: text(raw, 'relation_name'),
    kind: text(raw, 'kind'),
    pathPosition: numberOrNull(raw, 'path_position'),
  };
}

/**
 * The relation a name means. The search path of whoever ran the statement is not known: this session's comes first, then
 * a name that stands in one schema only; both are guesses, and said to be.
 */
export function resolveTable(name: TableName, relations: readonly CatalogRelation[]): ResolvedTable {
  // Longer names are cut by the server, at 63 bytes.
  const bytes = new TextEncoder();
  const same = (wanted: string, found: string): boolean =>
    wanted === found || (bytes.encode(wanted).length > 63 && wanted.startsWith(found));
  const named = relations.filter(
    (relation) => same(name.name, relation.name) && (name.schema === undefined || same(name.schema, relation.schema)),
  );
  if (name.schema !== undefined) {
    const [relation] = named;
    return relation ? { kind: 'relation', relation, guessed: false } : { kind: 'missing', name };
  }
  const onPath = named
    .filter((relation) => relation.pathPosition !== null)
    .sort((a, b) => (a.pathPosition ?? 0) - (b.pathPosition ?? 0));
  const relation = onPath[0] ?? (named.length === 1 ? named[0] : undefined);
  if (relation) return { kind: 'relation', relation, guessed: named.length > 1 || relation.pathPosition === null };
  return named.length === 0 ? { kind: 'missing', name } : { kind: 'ambiguous', name, schemas: named.length };
}
