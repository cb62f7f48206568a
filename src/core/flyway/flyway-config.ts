import { defaultNaming, type Naming } from './file-name';

/** A value and where it was read. */
export interface Sourced<T> {
  readonly value: T;
  readonly from: string;
}

/** What the product needs of a Flyway configuration. Paths of locations as they were written. */
export interface FlywayConfig {
  readonly locations: Sourced<readonly string[]>;
  readonly naming: Naming;
  readonly placeholders: ReadonlyMap<string, string>;
  readonly placeholderPrefix: string;
  readonly placeholderSuffix: string;
  readonly placeholderReplacement: boolean;
  readonly validateMigrationNaming: boolean;
  readonly encoding: string;
  readonly mixed: boolean;
  readonly executeInTransaction: boolean;
  /** `postgresql.transactional.lock`: Flyway keeps a transaction open for its lock while it migrates. */
  readonly transactionalLock: boolean;
  readonly table: string;
  readonly sources: readonly string[];
}

/** Flat settings of one file or of the environment, under Flyway's names in any spelling and without `flyway.`. */
export interface SettingsLayer {
  readonly from: string;
  readonly values: ReadonlyMap<string, string>;
}

/** Joins layers, the later one wins, over Flyway's defaults. */
export function buildConfig(
  layers: readonly SettingsLayer[],
  defaultLocations: Sourced<readonly string[]>,
): FlywayConfig {
  const merged = new Map<string, Sourced<string>>();
  for (const { from, values } of layers)
    for (const [key, value] of values) merged.set(settingKey(key), { value, from });
  const text = (key: string, fallback: string): string => merged.get(settingKey(key))?.value ?? fallback;
  const flag = (key: string, fallback: boolean): boolean => {
    const found = merged.get(settingKey(key))?.value.trim().toLowerCase();
    return found === undefined ? fallback : found === 'true';
  };
  const locations = merged.get('locations');
  const placeholders = new Map<string, string>();
  for (const [key, { value }] of merged)
    if (key.startsWith('placeholders.')) placeholders.set(key.slice('placeholders.'.length).toLowerCase(), value);
  return {
    locations: locations ? { value: splitList(locations.value), from: locations.from } : defaultLocations,
    naming: {
      versionedPrefix: text('sqlMigrationPrefix', defaultNaming.versionedPrefix),
      undoPrefix: text('undoSqlMigrationPrefix', defaultNaming.undoPrefix),
      repeatablePrefix: text('repeatableSqlMigrationPrefix', defaultNaming.repeatablePrefix),
      baselinePrefix: text('baselineMigrationPrefix', defaultNaming.baselinePrefix),
      separator: text('sqlMigrationSeparator', defaultNaming.separator),
      suffixes: splitList(text('sqlMigrationSuffixes', defaultNaming.suffixes.join(','))),
    },
    placeholders,
    placeholderPrefix: text('placeholderPrefix', '${'),
    placeholderSuffix: text('placeholderSuffix', '}'),
    placeholderReplacement: flag('placeholderReplacement', true),
    validateMigrationNaming: flag('validateMigrationNaming', false),
    encoding: text('encoding', 'UTF-8'),
    mixed: flag('mixed', false),
    executeInTransaction: flag('executeInTransaction', true),
    transactionalLock: flag('postgresql.transactional.lock', flag('postgresql.transactionallock', true)),
    table: text('table', 'flyway_schema_history'),
    sources: layers.filter((layer) => layer.values.size > 0).map((layer) => layer.from),
  };
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
  return name.startsWith('placeholders.') ? name : name.replace(/[-_]/g, '').toLowerCase();
}
