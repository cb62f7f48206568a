import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';
import { camelCase, type SettingsLayer } from './flyway-config';

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
      settingName(key.slice(prefix.length)),
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

/** Spring Boot's application.yml: `spring.flyway.*` of all documents that no profile guards, in their order. */
export function readSpringYaml(from: string, content: string): SettingsLayer {
  const values = new Map<string, string>();
  const documents = parseAllDocuments(content, { uniqueKeys: false, logLevel: 'silent' });
  for (const document of Array.isArray(documents) ? documents : []) {
    const problem = document.errors[0];
    if (problem) throw new ConfigFileError(`${from}: ${firstLine(problem)}`);
    const tree: unknown = document.toJS({ maxAliasCount: 100 });
    if (!isRecord(tree)) continue;
    const flat = flatten(tree, false);
    if (flat.has('spring.config.activate.on-profile') || flat.has('spring.profiles')) continue;
    for (const [key, value] of flat)
      if (key.startsWith('spring.flyway.')) values.set(settingName(key.slice('spring.flyway.'.length)), value);
  }
  return { from, values };
}

/** Spring Boot's application.properties. */
export function readSpringProperties(from: string, content: string): SettingsLayer {
  return readConf(from, content, {}, 'spring.flyway.');
}

/** `FLYWAY_LOCATIONS` and its kin. */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): SettingsLayer {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('FLYWAY_') || value === undefined || value === '') continue;
    const key = name.slice('FLYWAY_'.length);
    values.set(
      key.startsWith('PLACEHOLDERS_')
        ? `placeholders.${key.slice('PLACEHOLDERS_'.length).toLowerCase()}`
        : camelCase(key.toLowerCase()),
      value,
    );
  }
  return { from: 'the environment', values };
}

/** The plugin's section of a pom.xml or a Gradle file: locations and simple values. Scripts are not run, only read. */
export function readBuildFile(from: string, content: string): SettingsLayer {
  const values = new Map<string, string>();
  if (from.endsWith('pom.xml')) {
    const plugin = /<artifactId>\s*flyway-maven-plugin\s*<\/artifactId>([\s\S]*?)<\/plugin>/.exec(content)?.[1] ?? '';
    const locations = [...plugin.matchAll(/<location>\s*([^<]+?)\s*<\/location>/g)].map((match) => match[1] ?? '');
    if (locations.length > 0) values.set('locations', locations.join(','));
    for (const match of plugin.matchAll(
      /<((?:sql|undo|repeatable|baseline)\w*(?:Prefix|Separator|Suffixes)|encoding|mixed|placeholderReplacement|validateMigrationNaming)>\s*([^<]*?)\s*<\/\1>/g,
    )) {
      values.set(match[1] ?? '', match[2] ?? '');
    }
    return { from, values };
  }
  const block = /\bflyway\s*\{([\s\S]*?)\n\}/.exec(content)?.[1] ?? '';
  const locations = /\blocations\s*=\s*(?:\[|arrayOf\(|listOf\()([^\])]*)[\])]/.exec(block)?.[1];
  if (locations !== undefined)
    values.set('locations', [...locations.matchAll(/["']([^"']+)["']/g)].map((match) => match[1] ?? '').join(','));
  for (const match of block.matchAll(
    /\b((?:sql|undo|repeatable|baseline)\w*(?:Prefix|Separator)|encoding)\s*=\s*["']([^"']*)["']/g,
  ))
    values.set(match[1] ?? '', match[2] ?? '');
  return { from, values };
}

function settingName(key: string): string {
  return key.startsWith('placeholders.') ? key : camelCase(key);
}

function* properties(content: string): Generator<[string, string]> {
  const joined = content.replace(/\\\r?\n[ \t]*/g, '');
  for (const line of joined.split(/\r?\n/)) {
    const match = /^\s*([^#!\s=:][^\s=:]*)\s*[=:\s]\s*(.*)$/.exec(line);
    if (match) yield [match[1] ?? '', (match[2] ?? '').replace(/\\(.)/g, '$1').trimEnd()];
  }
}

/** Nested tables as dotted keys; lists joined by commas. `rename` turns the keys into Flyway's names. */
function flatten(tree: unknown, rename = true, prefix = ''): Map<string, string> {
  const values = new Map<string, string>();
  if (!isRecord(tree)) return values;
  for (const [key, value] of Object.entries(tree)) {
    const name = rename && !prefix.startsWith('placeholders.') ? camelCase(key) : key;
    if (isRecord(value))
      for (const [inner, text] of flatten(value, rename, `${prefix}${name}.`)) values.set(`${name}.${inner}`, text);
    else if (Array.isArray(value)) values.set(name, value.map(String).join(','));
    else if (value !== null && value !== undefined)
      values.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return values;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
