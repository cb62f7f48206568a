import { parse as parseToml } from 'smol-toml';
import type { SettingsLayer } from './flyway-config';

/** A configuration file that cannot be read; the message says where and why. */
export class ConfigFileError extends Error {
  readonly reason = 'bad-config';
}

/** `flyway.conf` and `.properties`: `flyway.key=value`, `${ENV}` replaced, continued lines, `#` and `!` comments. */
export function readConf(
  from: string,
  content: string,
  environment: Readonly<Record<string, string | undefined>>,
  prefix = 'flyway.',
): SettingsLayer {
  const values = new Map<string, string>();
  for (const [key, value] of properties(content)) {
    if (!key.startsWith(prefix)) continue;
    values.set(
      key.slice(prefix.length),
      value.replace(/\$\{([^}]+)\}/g, (whole, name: string) => environment[name] ?? whole),
    );
  }
  return { from, values };
}

/** `flyway.toml`: `[flyway]`, `[flyway.placeholders]`, `[environments.x]`. */
export function readToml(from: string, content: string): SettingsLayer {
  let tree: unknown;
  try {
    tree = parseToml(content);
  } catch (error) {
    throw new ConfigFileError(`${from}: ${firstLine(error)}`);
  }
  return { from, values: flatten(isRecord(tree) ? tree['flyway'] : undefined) };
}

/** `FLYWAY_LOCATIONS` and its kin, and Spring's `SPRING_FLYWAY_LOCATIONS`. */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): SettingsLayer {
  const values = new Map<string, string>();
  for (const prefix of ['SPRING_FLYWAY_', 'FLYWAY_']) {
    for (const [name, value] of Object.entries(environment)) {
      if (!name.startsWith(prefix) || value === undefined || value === '') continue;
      values.set(
        name
          .slice(prefix.length)
          .toLowerCase()
          .replace(/^placeholders_/, 'placeholders.'),
        value,
      );
    }
  }
  return { from: 'the environment', values };
}

/** The pairs of a .properties or .conf file, continued lines joined. */
export function* properties(content: string): Generator<[string, string]> {
  const joined = content.replace(/\\\r?\n[ \t]*/g, '');
  for (const line of joined.split(/\r?\n/)) {
    const match = /^\s*([^#!\s=:][^\s=:]*)\s*[=:\s]\s*(.*)$/.exec(line);
    if (match) yield [match[1] ?? '', (match[2] ?? '').replace(/\\(.)/g, '$1').trimEnd()];
  }
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
