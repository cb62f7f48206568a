import { number, text, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import type { TableName } from './table-name';

/** A relation of the catalogue that bears a wanted name. */
export interface CatalogRelation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** `relkind`. */
  readonly kind: string;
}

/** What a name of a statement means in this database. */
export type ResolvedTable =
  /** `schemas`: how many have a table of this name; above 1 the usual one was taken. */
  | { readonly kind: 'relation'; readonly relation: CatalogRelation; readonly schemas: number }
  | { readonly kind: 'missing'; readonly name: TableName }
  | { readonly kind: 'ambiguous'; readonly name: TableName; readonly schemas: number };

/** How many relations of one name are looked at: databases with a schema for each tenant have thousands. */
const mostOfOneName = 20;

/** Where a name without a schema is looked for first: always in the catalogue, and in `public` by the default search path. */
const usualSchemas = ['pg_catalog', 'public'];
const usualArray = `ARRAY[${usualSchemas.map((schema) => `'${schema}'`).join(', ')}]`;

/** The relations with any of these names, whatever their schema. */
export function relationsStatement(names: readonly TableName[]): Statement<CatalogRelation> {
  return {
    name: 'tables of statements',
    text: `
SELECT c.oid::int8 AS oid, n.nspname::text AS schema_name, c.relname::text AS relation_name, c.relkind::text AS kind
FROM (SELECT DISTINCT w.schema_name, w.relation_name FROM unnest($1::text[], $2::text[]) AS w(schema_name, relation_name)) AS wanted
CROSS JOIN LATERAL (SELECT r.* FROM pg_catalog.pg_class AS r JOIN pg_catalog.pg_namespace AS s ON s.oid = r.relnamespace
  WHERE r.relname = wanted.relation_name::name AND r.relkind IN ('r', 'p', 'm', 'v', 'f')
  AND (wanted.schema_name IS NULL OR s.nspname = wanted.schema_name::name)
  ORDER BY s.nspname <> ALL (${usualArray}) LIMIT ${mostOfOneName}) AS c
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
  };
}

/**
 * The relation a name means. The search path of whoever ran the statement is not known: a name that stands in one schema
 * only is certain, else it is taken for the usual one, and said so.
 */
export function resolveTable(name: TableName, relations: readonly CatalogRelation[]): ResolvedTable {
  const named = relations.filter(
    (relation) => same(name.name, relation.name) && (name.schema === undefined || same(name.schema, relation.schema)),
  );
  const usual = usualSchemas.map((schema) => named.find((relation) => relation.schema === schema)).find(Boolean);
  const relation = named.length === 1 ? named[0] : usual;
  if (relation) return { kind: 'relation', relation, schemas: named.length };
  return named.length === 0 ? { kind: 'missing', name } : { kind: 'ambiguous', name, schemas: named.length };
}

const bytes = new TextEncoder();

/** Longer names are cut by the server, at 63 bytes. */
function same(wanted: string, found: string): boolean {
  return wanted === found || (wanted.startsWith(found) && bytes.encode(wanted).length > 63);
}
