import { databaseKinds, kindOfUrl, type DatabaseKind } from './database-kind';
import { defaultNaming, type Distribution, type Naming } from './file-name';

/** A value and where it was read. */
export interface Sourced<T> {
  readonly value: T;
  readonly from: string;
}

/** One setting for a person to read; secrets are never among them. */
export interface ShownSetting extends Sourced<string> {
  readonly name: string;
}

/** What the product needs of a Flyway configuration. Paths of locations as they were written. */
export interface FlywayConfig {
  readonly locations: Sourced<readonly string[]>;
  readonly naming: Naming;
  /** By key in lower case. */
  readonly placeholders: ReadonlyMap<string, string>;
  readonly placeholderPrefix: string;
  readonly placeholderSuffix: string;
  readonly placeholderReplacement: boolean;
  readonly validateMigrationNaming: boolean;
  readonly encoding: string;
  readonly mixed: boolean;
  /** False: neither the project nor the script lets Flyway open a transaction. */
  readonly executeInTransaction: boolean;
  /** The script's own `.conf` says `executeInTransaction=true`: Flyway opens one whatever the script holds. */
  readonly transactionIsForced: boolean;
  /** The script's own `.conf` says whether there is a transaction, so that Flyway does not look for a mix. */
  readonly transactionIsChosen: boolean;
  /** What `shouldExecute` of the script's `.conf` says; undefined when it says nothing. */
  readonly shouldExecute: string | undefined;
  readonly table: string;
  readonly outOfOrder: boolean;
  readonly baselineVersion: string;
  readonly target: string | undefined;
  readonly ignoreMigrationPatterns: readonly string[];
  /** False: Flyway locks its history with a session's advisory lock, so that CREATE INDEX CONCURRENTLY does not hang. */
  readonly transactionalLock: boolean;
  /** The schema that names without one mean, where the configuration tells. */
  readonly defaultSchema: string | undefined;
  /** The schema that the url, or what runs first in a session, makes it look in first. */
  readonly connectionSchema: string | undefined;
  /** What runs in every session before the scripts: `initSql`, or that of Spring's connection pool. */
  readonly initSql: string | undefined;
  readonly database: Sourced<DatabaseKind>;
  /** Which Flyway runs the scripts: U scripts exist only in Redgate's. */
  readonly distribution: Sourced<Distribution | 'unknown'>;
  readonly sources: readonly string[];
  /** Every setting that is known or was set, with its source, for "Show Flyway Configuration". */
  readonly shown: readonly ShownSetting[];
}

/** Flat settings of one file or of the environment, under Flyway's names in any spelling and without `flyway.`. */
export interface SettingsLayer {
  readonly from: string;
  /** It takes nothing but the database from the layers before it: a named data source of Quarkus or Micronaut. */
  readonly alone?: true;
  readonly values: ReadonlyMap<string, string>;
}

export const defaultsSource = "Flyway's defaults";
/** Where the kind of a database comes from when nothing tells. */
export const assumedSource = 'assumed, since nothing tells';

/** Flyway's defaults of the settings that are always shown. */
const defaults: Readonly<Record<string, string>> = {
  sqlMigrationPrefix: defaultNaming.versionedPrefix,
  undoSqlMigrationPrefix: defaultNaming.undoPrefix,
  repeatableSqlMigrationPrefix: defaultNaming.repeatablePrefix,
  baselineMigrationPrefix: defaultNaming.baselinePrefix,
  sqlMigrationSeparator: defaultNaming.separator,
  sqlMigrationSuffixes: defaultNaming.suffixes.join(','),
  placeholderPrefix: '${',
  placeholderSuffix: '}',
  placeholderReplacement: 'true',
  validateMigrationNaming: 'false',
  encoding: 'UTF-8',
  mixed: 'false',
  executeInTransaction: 'true',
  table: 'flyway_schema_history',
  outOfOrder: 'false',
  baselineVersion: '1',
  ignoreMigrationPatterns: '*:future',
  'postgresql.transactional.lock': 'true',
};

/** Joins layers, the later one wins, over Flyway's defaults. */
export function buildConfig(
  layers: readonly SettingsLayer[],
  defaultLocations: Sourced<readonly string[]>,
): FlywayConfig {
  const merged = new Map<string, ShownSetting>();
  for (const [name, value] of Object.entries(defaults))
    merged.set(settingKey(name), { name, value, from: defaultsSource });
  for (const { from, values } of layers)
    for (const [name, value] of values) {
      const key = settingKey(name);
      merged.set(key, { name: merged.get(key)?.name ?? name, value, from });
    }
  const find = (name: string): string | undefined => merged.get(settingKey(name))?.value;
  const text = (name: string): string => find(name) ?? '';
  const flag = (name: string): boolean => text(name).trim().toLowerCase() === 'true';
  const written = merged.get('locations');
  const locations = written ? { value: splitList(written.value), from: written.from } : defaultLocations;
  const placeholders = new Map<string, string>();
  for (const [key, { value }] of merged)
    if (key.startsWith('placeholders.')) placeholders.set(key.slice('placeholders.'.length).toLowerCase(), value);
  const database = databaseOf(merged);
  return {
    locations,
    naming: {
      versionedPrefix: text('sqlMigrationPrefix'),
      undoPrefix: text('undoSqlMigrationPrefix'),
      repeatablePrefix: text('repeatableSqlMigrationPrefix'),
      baselinePrefix: text('baselineMigrationPrefix'),
      separator: text('sqlMigrationSeparator'),
      // The one-suffix setting of Flyway 4 and 5 still stands in old projects.
      suffixes: splitList(find('sqlMigrationSuffix') ?? text('sqlMigrationSuffixes')),
    },
    placeholders,
    placeholderPrefix: text('placeholderPrefix'),
    placeholderSuffix: text('placeholderSuffix'),
    placeholderReplacement: flag('placeholderReplacement'),
    validateMigrationNaming: flag('validateMigrationNaming'),
    encoding: text('encoding'),
    mixed: flag('mixed'),
    executeInTransaction: flag('executeInTransaction'),
    transactionIsForced: false,
    transactionIsChosen: false,
    shouldExecute: undefined,
    table: text('table'),
    outOfOrder: flag('outOfOrder'),
    baselineVersion: text('baselineVersion'),
    target: find('target'),
    ignoreMigrationPatterns: splitList(text('ignoreMigrationPatterns')),
    transactionalLock: flag('postgresql.transactional.lock'),
    defaultSchema: defaultSchemaOf(find),
    connectionSchema: schemaOfConnection(find),
    initSql: find('initSql') ?? find('initSqls') ?? find('datasource.initSql'),
    database,
    distribution: distributionIn(merged),
    sources: [...new Set(layers.filter((layer) => layer.values.size > 0).map((layer) => layer.from))],
    shown: [
      { name: 'locations', value: locations.value.join(','), from: locations.from },
      { name: 'database', ...database },
      ...[...merged.values()].flatMap(shownOf),
    ],
  };
}

/** The database by its own setting, the url, the driver or the dependencies; PostgreSQL where nothing tells. */
function databaseOf(merged: ReadonlyMap<string, ShownSetting>): Sourced<DatabaseKind> {
  const guessed = merged.get('databasekind');
  const known = databaseKinds.find((kind) => kind === guessed?.value);
  for (const key of ['url', 'datasource.url', 'driver']) {
    const setting = merged.get(key);
    const value = setting?.value ?? '';
    const kind = kindOfUrl(key === 'driver' ? `jdbc:${value.replaceAll('.', ':')}` : value);
    // Tests run on an embedded database; what else the build depends on is what the scripts are for.
    const embedded = kind === 'h2' || kind === 'hsqldb';
    if (!setting || kind === undefined || (key === 'driver' && kind === 'other')) continue;
    if (!embedded || known === undefined || known === kind) return { value: kind, from: setting.from };
  }
  return guessed && known ? { value: known, from: guessed.from } : { value: 'postgresql', from: assumedSource };
}

type Find = (name: string) => string | undefined;

/** Flyway's own setting, the first of the schemas, else what the session looks in first. */
function defaultSchemaOf(find: Find): string | undefined {
  const schema = find('defaultSchema') ?? splitList(find('schemas') ?? '')[0] ?? schemaOfConnection(find);
  return schema === undefined || schema === '' || schema.includes('${') ? undefined : schema;
}

function schemaOfConnection(find: Find): string | undefined {
  const initial = find('initSql') ?? find('initSqls') ?? find('datasource.initSql') ?? '';
  const set = /\bset\s+(?:session\s+)?search_path\s*(?:=|\bto\b)\s*["']?([a-z_][\w$]*)/i.exec(initial)?.[1];
  return set ?? /[?&]currentSchema=([^&,]+)/i.exec(find('url') ?? find('datasource.url') ?? '')?.[1];
}

function distributionIn(merged: ReadonlyMap<string, ShownSetting>): Sourced<Distribution | 'unknown'> {
  const license = merged.get('licensekey');
  if (license) return { value: 'redgate', from: license.from };
  const found = merged.get('distribution');
  const value = found?.value === 'redgate' || found?.value === 'open-source' ? found.value : 'unknown';
  return { value, from: found?.from ?? assumedSource };
}

/** A setting for a person's eyes: no password, no token, no credentials in a url. */
function shownOf(setting: ShownSetting): ShownSetting[] {
  const key = settingKey(setting.name);
  if (['locations', 'databasekind'].includes(key)) return [];
  if (/password|token|secret|licensekey|privatekey|credential/.test(key)) return [{ ...setting, value: '(not shown)' }];
  const value = setting.value
    .replace(/(\/\/|thin:)[^@\s]*@/, '$1')
    .replace(/([?&;](?:user|password|sslpassword|[a-z]*token|[a-z]*secret)=)[^&;]*/gi, '$1(not shown)');
  return [{ ...setting, value: /url$/.test(key) ? value : setting.value }];
}

/** A comma-separated list, blanks dropped. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** One key for all spellings of a setting: `sqlMigrationPrefix`, `sql-migration-prefix`, `SQL_MIGRATION_PREFIX`. */
function settingKey(name: string): string {
  if (name.startsWith('placeholders.')) return name.toLowerCase();
  const key = name.replace(/[-_]/g, '').toLowerCase();
  return /^(plugins\.)?postgresql\.?transactional\.?lock$/.test(key) ? 'postgresql.transactional.lock' : key;
}
