import type { DatabaseKind } from './database-kind';
import { distributionOf } from './distribution';

/** What the dependencies of a build tell, the build's own text first: the database, and the distribution of Flyway. */
export function dependencySettings(contents: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  const kind = contents.map(kindOfDependencies).find((found) => found !== undefined);
  const distribution = contents.map(distributionOf).find((found) => found !== undefined);
  if (kind !== undefined) values.set('databaseKind', kind);
  if (distribution !== undefined) values.set('distribution', distribution);
  return values;
}

/** The database that a build file's dependencies call for, PostgreSQL first: a test on H2 often stands beside it. */
function kindOfDependencies(content: string): DatabaseKind | undefined {
  const found = dependencyNames.filter(([pattern]) => pattern.test(content)).map(([, kind]) => kind);
  return found[0];
}

const dependencyNames: readonly (readonly [RegExp, DatabaseKind])[] = [
  [/flyway-database-postgresql|org\.postgresql|\br2dbc-postgresql\b/, 'postgresql'],
  [/mariadb-java-client/, 'mariadb'],
  [/flyway-mysql|mysql-connector/, 'mysql'],
  [/flyway-sqlserver|mssql-jdbc/, 'sqlserver'],
  [/flyway-database-oracle|ojdbc\d/, 'oracle'],
  [/sqlite-jdbc/, 'sqlite'],
  [/com\.h2database/, 'h2'],
];
