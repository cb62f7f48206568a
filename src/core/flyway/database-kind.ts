/**
 * The databases that are told apart, by Spring's names for them, which `{vendor}` stands for; `other` is one that is known
 * not to be any of them.
 */
export const databaseKinds = [
  'postgresql',
  'mysql',
  'mariadb',
  'sqlserver',
  'oracle',
  'sqlite',
  'h2',
  'hsqldb',
  'db2',
  'snowflake',
  'bigquery',
  'redshift',
  'other',
] as const;
export type DatabaseKind = (typeof databaseKinds)[number];

/** Names in JDBC urls, folders and driver artifacts by the database they mean. */
const names: Readonly<Record<string, DatabaseKind>> = {
  postgresql: 'postgresql',
  postgres: 'postgresql',
  pgsql: 'postgresql',
  postgis: 'postgresql',
  timescaledb: 'postgresql',
  pg: 'postgresql',
  mysql: 'mysql',
  mariadb: 'mariadb',
  sqlserver: 'sqlserver',
  mssql: 'sqlserver',
  jtds: 'sqlserver',
  oracle: 'oracle',
  sqlite: 'sqlite',
  h2: 'h2',
  hsqldb: 'hsqldb',
  hsql: 'hsqldb',
  db2: 'db2',
  snowflake: 'snowflake',
  bigquery: 'bigquery',
  redshift: 'redshift',
};

/** The database of a JDBC url; wrappers (`jdbc:tc:`, `jdbc:aws-wrapper:`, `jdbc:p6spy:` …) are looked through. */
export function kindOfUrl(url: string): DatabaseKind | undefined {
  const parts = url.trim().toLowerCase().split(':');
  if (parts[0] !== 'jdbc') return names[(parts[0] ?? '').replace(/^r2dbc$/, parts[1] ?? '')];
  for (const part of parts.slice(1, 4)) {
    const kind = names[part];
    if (kind) return kind;
  }
  return parts.length > 2 && !url.includes('${') ? 'other' : undefined;
}

/** The database that a folder is named after, the innermost first: `db/migration/mysql`. */
export function kindOfFolder(path: string): DatabaseKind | undefined {
  for (const segment of path.toLowerCase().split('/').reverse()) {
    const kind = names[segment];
    if (kind) return kind;
  }
  return undefined;
}

/** Whether a folder's own name is that of a database. */
export function isVendorFolder(name: string): boolean {
  return Object.hasOwn(names, name.toLowerCase());
}
