import { parse as parseToml, TomlError } from 'smol-toml';
import type { SettingsLayer } from './flyway-config';
import { parseConf } from './properties-file';

/** A configuration file that cannot be read; the message says which and why. */
export class ConfigFileError extends Error {
  readonly reason = 'bad-config';
  /** @param at the place, from 1, where it is known */
  constructor(
    readonly path: string,
    readonly why: string,
    readonly at?: { readonly line: number; readonly column: number },
  ) {
    super(`${path}: ${why}`);
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `flyway.conf`: `flyway.key=value`. `prefix` is empty for the `.conf` of a script. */
export function readConf(from: string, content: string, environment: Environment, prefix = 'flyway.'): SettingsLayer {
  const values = new Map<string, string>();
  for (const [key, value] of parseConf(content, environment))
    if (key.startsWith(prefix)) values.set(key.slice(prefix.length), value);
  return { from, values };
}

/** One `flyway.toml` as it was parsed. */
export interface TomlFile {
  readonly from: string;
  readonly tree: Readonly<Record<string, unknown>>;
}

/** Parses a .toml; throws ConfigFileError where it is broken. */
export function parseTomlFile(from: string, content: string): TomlFile {
  try {
    return { from, tree: parseToml(content.replace(/^\ufeff/, '')) };
  } catch (error) {
    throw new ConfigFileError(from, firstLine(error), error instanceof TomlError ? error : undefined);
  }
}

/**
 * The layers of some .toml files, the weaker first: `[flyway]` of each, then of each the environment that is chosen
 * (`flyway.environment`, the environment's `FLYWAY_ENVIRONMENT`, "default"): its url, schemas … and its own `flyway` settings.
 */
export function readTomls(files: readonly TomlFile[], environment: Environment): SettingsLayer[] {
  const general = files.map(({ from, tree }) => ({ from, values: flatten(tree['flyway']) }));
  const named = general.map(({ values }) => values.get('environment')).filter((name) => name !== undefined);
  const chosen = environment['flyway_environment'] ?? environment['FLYWAY_ENVIRONMENT'] ?? named.at(-1) ?? 'default';
  const own = files.flatMap(({ from, tree }): SettingsLayer[] => {
    const environments = tree['environments'];
    const found = isRecord(environments) ? environments[chosen] : undefined;
    if (!isRecord(found)) return [];
    const { flyway, ...rest } = found;
    return [{ from: `${from} (environments.${chosen})`, values: new Map([...flatten(rest), ...flatten(flyway)]) }];
  });
  return [...general, ...own];
}

/** `FLYWAY_LOCATIONS` and its kin, and Spring's `SPRING_FLYWAY_LOCATIONS`: one layer for each, so that each is named. */
export function readEnvironment(environment: Environment): SettingsLayer[] {
  const layers: SettingsLayer[] = [];
  for (const prefix of ['SPRING_FLYWAY_', 'FLYWAY_']) {
    for (const [name, value] of Object.entries(environment)) {
      if (!name.startsWith(prefix) || value === undefined || value === '') continue;
      const key = name.slice(prefix.length).toLowerCase();
      layers.push({
        from: `environment variable ${name}`,
        values: new Map([[key.replace(/^placeholders_/, 'placeholders.'), value]]),
      });
    }
  }
  return layers;
}

/** Nested tables as dotted keys; lists joined by commas. */
export function flatten(tree: unknown): Map<string, string> {
  const values = new Map<string, string>();
  if (!isRecord(tree)) return values;
  for (const [key, value] of Object.entries(tree)) {
    if (isRecord(value)) for (const [inner, text] of flatten(value)) values.set(`${key}.${inner}`, text);
    else if (Array.isArray(value)) values.set(key, value.map(String).join(','));
    else if (value !== null && value !== undefined)
      values.set(key, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return values;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
