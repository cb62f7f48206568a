import type { DatabaseKind } from '../../flyway/database-kind';

/** A tree of node-sql-parser, which differs from dialect to dialect: every field is asked for before it is used. */
export type DialectTree = Readonly<Record<string, unknown>>;

/** The grammar of another database than PostgreSQL: best effort. */
export interface Dialect {
  /** The statement's tree, or undefined when the parser does not know its form. */
  parse(statement: string): DialectTree | undefined;
}

/** The parser's time grows with the square of the length; in characters. */
const longestStatement = 20_000;

/** Loads the grammar for a database; undefined for those that have none. Loaded late: each has some 300 KB. */
export async function loadDialect(kind: DatabaseKind): Promise<Dialect | undefined> {
  switch (kind) {
    case 'mysql':
    case 'mariadb':
      return around(await import('node-sql-parser/build/mysql'), 'mysql');
    case 'sqlserver':
      return around(await import('node-sql-parser/build/transactsql'), 'transactsql');
    case 'sqlite':
      return around(await import('node-sql-parser/build/sqlite'), 'sqlite');
    case 'postgresql':
    case 'oracle':
    case 'h2':
    case 'hsqldb':
    case 'db2':
    case 'snowflake':
    case 'bigquery':
    case 'redshift':
    case 'other':
      return undefined;
  }
}

interface ParserOf {
  astify(sql: string, options: { database: string }): unknown;
}

/** A CommonJS module: bundled it has its names itself, in plain Node under `default`. */
interface ParserModule {
  readonly Parser?: new () => ParserOf;
  readonly default?: ParserModule;
}

function around(module: unknown, database: string): Dialect | undefined {
  const { Parser, default: inner } = module as ParserModule;
  const Found = Parser ?? inner?.Parser;
  if (!Found) return undefined;
  const parser = new Found();
  return {
    parse(statement) {
      if (statement.length > longestStatement) return undefined;
      try {
        const tree = parser.astify(statement, { database });
        const one: unknown = Array.isArray(tree) ? (tree.length === 1 ? tree[0] : undefined) : tree;
        return typeof one === 'object' && one !== null ? (one as DialectTree) : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
