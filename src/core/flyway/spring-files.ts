import { parseAllDocuments } from 'yaml';
import type { FileSystem } from '../ports/file-system';
import { ConfigFileError, flatten } from './config-files';
import type { SettingsLayer } from './flyway-config';
import { parseProperties } from './properties-file';
import { activeProfiles, applies, type SpringDocument } from './spring-profiles';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where Spring Boot, Quarkus and Micronaut look for their application's configuration, the weaker place first. */
const places = ['src/main/resources', 'src/main/resources/config', '.', 'config'];

export interface SpringSettings {
  readonly layers: readonly SettingsLayer[];
  /** Further databases of one application: the named data sources of Quarkus and Micronaut. */
  readonly alternatives: readonly SettingsLayer[];
  readonly unreadable: readonly ConfigFileError[];
}

interface SpringFile {
  readonly from: string;
  readonly documents: readonly SpringDocument[];
}

/**
 * `spring.flyway.*` and the data source of a folder's application.yml, .yaml and .properties, with the profiles that the
 * environment or the files themselves turn on. Documents of other profiles are left out. The later layer wins.
 */
export async function readSpring(files: FileSystem, folder: string, environment: Environment): Promise<SpringSettings> {
  const unreadable: ConfigFileError[] = [];
  const read = async (stem: string): Promise<SpringFile[]> => {
    const found: SpringFile[] = [];
    for (const place of places) {
      for (const ending of ['yml', 'yaml', 'properties']) {
        const from = `${folder}/${place === '.' ? '' : `${place}/`}${stem}.${ending}`;
        const bytes = await files.read(from);
        if (!bytes) continue;
        const content = new TextDecoder().decode(bytes);
        const documents = ending === 'properties' ? readProperties(content) : readYaml(from, content, unreadable);
        found.push({ from, documents });
      }
    }
    return found;
  };
  const base = await read('application');
  const active = activeProfiles(
    base.flatMap(({ documents }) => documents),
    environment,
  );
  const ofProfiles: SpringFile[] = [];
  for (const profile of active)
    if (/^[\w.-]+$/.test(profile)) ofProfiles.push(...(await read(`application-${profile}`)));
  const all = [...base, ...ofProfiles].map(({ from, documents }) => ({
    from,
    documents: documents.filter((document) => applies(document, active)).map((document) => inProfile(document, active)),
  }));
  const known = new Map(all.flatMap(({ documents }) => documents.flatMap((document) => [...document])));
  const layers: SettingsLayer[] = [];
  const alternatives: SettingsLayer[] = [];
  for (const { from, documents } of all) {
    const own = new Map<string, string>();
    const others = new Map<string, Map<string, string>>();
    for (const document of documents)
      for (const [key, value] of withLists(document)) {
        const name = settingOf(key);
        if (!name) continue;
        const target = name.source === undefined ? own : (others.get(name.source) ?? new Map<string, string>());
        if (name.source !== undefined) others.set(name.source, target);
        target.set(name.setting, resolve(value, known, environment));
      }
    if (own.size > 0) layers.push({ from, values: own });
    for (const [source, values] of others)
      alternatives.push({ from: `${from} (data source ${source})`, values, alone: true });
  }
  return { layers, alternatives, unreadable };
}

/** Flyway's name of a key, and the data source when it has a name of its own. */
function settingOf(key: string): { setting: string; source: string | undefined } | undefined {
  const spring = /^spring\.flyway\.(.+)$/.exec(key)?.[1];
  if (spring !== undefined)
    return { setting: spring.replace(/^placeholders\[(.+)\]$/, 'placeholders.$1'), source: undefined };
  const datasource = /^spring\.datasource\.(?:hikari\.)?(jdbc-?url|url|driver-?class-?name)$/i.exec(key)?.[1];
  if (datasource !== undefined)
    return { setting: /url$/i.test(datasource) ? 'datasource.url' : 'driver', source: undefined };
  if (/^spring\.datasource\.hikari\.connection-?init-?sql$/i.test(key))
    return { setting: 'datasource.initSql', source: undefined };
  const quarkus = /^quarkus\.flyway\.(?:(?!placeholders\.)"?([\w-]+)"?\.)?(placeholders\..+|[\w-]+)$/.exec(key);
  if (quarkus) return { setting: unquoted(quarkus[2] ?? ''), source: quarkus[1] };
  const url = /^quarkus\.datasource\.(?:"?([\w-]+)"?\.)?(?:jdbc\.url|db-kind)$/.exec(key);
  if (url) return { setting: key.endsWith('db-kind') ? 'databaseKind' : 'datasource.url', source: url[1] };
  const micronaut = /^flyway\.datasources\.([\w-]+)\.(placeholders\..+|[\w-]+)$/.exec(key);
  if (micronaut) return { setting: micronaut[2] ?? '', source: ofMicronaut(micronaut[1]) };
  const source = /^datasources\.([\w-]+)\.(?:url|jdbc-?url)$/i.exec(key);
  if (source) return { setting: 'datasource.url', source: ofMicronaut(source[1]) };
  return undefined;
}

function ofMicronaut(source: string | undefined): string | undefined {
  return source === 'default' ? undefined : source;
}

/** Quarkus quotes what holds a dot: `placeholders."a.b"`. */
function unquoted(setting: string): string {
  return setting.replace(/^placeholders\."(.+)"$/, 'placeholders.$1');
}

function readYaml(from: string, content: string, unreadable: ConfigFileError[]): SpringDocument[] {
  // `@name@` is filled in by the build; YAML knows no word that begins with it.
  const quoted = content
    .replace(/^\ufeff/, '')
    .replace(
      /^([^#\n'"]*?(?::|-)[ \t]+)(@[\w.-]+@.*?)[ \t]*$/gm,
      (_, head: string, value: string) => `${head}${JSON.stringify(value)}`,
    );
  const documents = parseAllDocuments(quoted, { uniqueKeys: false, logLevel: 'silent' });
  return (Array.isArray(documents) ? documents : []).flatMap((document): SpringDocument[] => {
    const problem = document.errors[0];
    if (problem) {
      const [start] = problem.linePos ?? [];
      const at = start && { line: start.line, column: start.col };
      unreadable.push(new ConfigFileError(from, problem.message.split('\n')[0] ?? '', at));
      return [];
    }
    try {
      return [flatten(document.toJS({ maxAliasCount: 100 }))];
    } catch (error) {
      // Too many aliases, or one that leads nowhere.
      unreadable.push(new ConfigFileError(from, error instanceof Error ? error.message : String(error)));
      return [];
    }
  });
}

/** `#---` and `!---` divide a .properties file into documents. */
function readProperties(content: string): SpringDocument[] {
  return content.split(/^[#!]---[ \t]*\r?$/m).map((part) => new Map(parseProperties(part)));
}

/** Quarkus writes the profile before the key: `%dev.quarkus.flyway.locations`. */
function inProfile(document: SpringDocument, active: ReadonlySet<string>): SpringDocument {
  const plain = new Map<string, string>();
  const special = new Map<string, string>();
  for (const [key, value] of document) {
    const [, profile, rest] = /^"?%([\w,-]+)"?\.(.+)$/.exec(key) ?? [];
    if (profile === undefined || rest === undefined) plain.set(key, value);
    else if (profile.split(',').some((name) => active.has(name) || (name === 'prod' && active.has('default'))))
      special.set(rest, value);
  }
  return new Map([...plain, ...special]);
}

/** `locations[0]`, `locations[1]` as one list. */
function withLists(document: SpringDocument): SpringDocument {
  const joined = new Map<string, string>();
  for (const [key, value] of document) {
    const list = /^(.*)\[\d+\]$/.exec(key)?.[1];
    if (list === undefined) joined.set(key, value);
    else joined.set(list, joined.has(list) ? `${joined.get(list) ?? ''},${value}` : value);
  }
  return joined;
}

/** `${NAME:default}`: the environment, then the files, then the default; left as it is without any. */
function resolve(value: string, known: SpringDocument, environment: Environment, depth = 0): string {
  return value.replace(/\$\{([^}:]+)(?::([^}]*))?\}/g, (whole, name: string, fallback: string | undefined) => {
    const asVariable = name.toUpperCase().replace(/[.-]/g, '_');
    const found = environment[name] ?? environment[asVariable] ?? known.get(name) ?? fallback;
    if (found === undefined) return whole;
    return depth < 5 ? resolve(found, known, environment, depth + 1) : found;
  });
}
