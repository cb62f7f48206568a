import { parseAllDocuments } from 'yaml';
import type { FileSystem } from '../ports/file-system';
import { ConfigFileError, flatten, properties } from './config-files';
import type { SettingsLayer } from './flyway-config';

type Environment = Readonly<Record<string, string | undefined>>;

/** One document of a Spring configuration, flat. */
type Document = ReadonlyMap<string, string>;

const places = ['src/main/resources', 'src/main/resources/config', '.', 'config'];

/**
 * `spring.flyway.*` of a folder's application.yml, .yaml and .properties, with the profiles that the environment or the files
 * themselves turn on. Documents of other profiles are left out. The later layer wins.
 */
export async function readSpring(
  files: FileSystem,
  folder: string,
  environment: Environment,
): Promise<{ layers: SettingsLayer[]; problems: string[] }> {
  const problems: string[] = [];
  const read = async (stem: string): Promise<{ from: string; documents: Document[] }[]> => {
    const found: { from: string; documents: Document[] }[] = [];
    for (const place of places) {
      for (const ending of ['yml', 'yaml', 'properties']) {
        const from = `${folder}/${place === '.' ? '' : `${place}/`}${stem}.${ending}`;
        const bytes = await files.read(from);
        if (!bytes) continue;
        try {
          const content = new TextDecoder().decode(bytes);
          found.push({ from, documents: ending === 'properties' ? readProperties(content) : readYaml(from, content) });
        } catch (error) {
          if (!(error instanceof ConfigFileError)) throw error;
          problems.push(error.message);
        }
      }
    }
    return found;
  };
  const base = await read('application');
  const active = activeProfiles(
    base.flatMap(({ documents }) => documents),
    environment,
  );
  const ofProfiles: typeof base = [];
  for (const profile of active)
    if (/^[\w.-]+$/.test(profile)) ofProfiles.push(...(await read(`application-${profile}`)));
  const layers = [...base, ...ofProfiles].map(({ from, documents }): SettingsLayer => {
    const values = new Map<string, string>();
    for (const document of documents) {
      if (!applies(document, active)) continue;
      for (const [key, value] of withLists(document))
        if (key.startsWith('spring.flyway.'))
          values.set(key.slice('spring.flyway.'.length), resolve(value, document, environment));
    }
    return { from, values };
  });
  return { layers, problems };
}

function readYaml(from: string, content: string): Document[] {
  const documents = parseAllDocuments(content, { uniqueKeys: false, logLevel: 'silent' });
  return (Array.isArray(documents) ? documents : []).map((document) => {
    const problem = document.errors[0];
    if (problem) throw new ConfigFileError(`${from}: ${problem.message.split('\n')[0] ?? ''}`);
    try {
      return flatten(document.toJS({ maxAliasCount: 100 }));
    } catch (error) {
      // Too many aliases, or one that leads nowhere.
      throw new ConfigFileError(`${from}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
}

/** `#---` and `!---` divide a .properties file into documents. */
function readProperties(content: string): Document[] {
  return content.split(/^[#!]---[ \t]*\r?$/m).map((part) => new Map(properties(part)));
}

function activeProfiles(documents: readonly Document[], environment: Environment): ReadonlySet<string> {
  const always = documents.filter((document) => profileOf(document) === undefined);
  const named = always.map((document) => document.get('spring.profiles.active')).filter((value) => value !== undefined);
  const fallback = always
    .map((document) => document.get('spring.profiles.default'))
    .find((value) => value !== undefined);
  const value = environment['SPRING_PROFILES_ACTIVE'] ?? named.at(-1) ?? fallback ?? 'default';
  return new Set(value.split(',').map((profile) => profile.trim()));
}

function profileOf(document: Document): string | undefined {
  return document.get('spring.config.activate.on-profile') ?? document.get('spring.profiles');
}

/** A list of profiles, one of which must be active. An expression of them is not looked into: its document is left out. */
function applies(document: Document, active: ReadonlySet<string>): boolean {
  const profiles = profileOf(document);
  if (profiles === undefined) return true;
  return profiles.split(',').some((profile) => {
    const name = profile.trim();
    return name.startsWith('!') && /^![\w.-]+$/.test(name) ? !active.has(name.slice(1)) : active.has(name);
  });
}

/** `locations[0]`, `locations[1]` as one list. */
function withLists(document: Document): Document {
  const joined = new Map<string, string>();
  for (const [key, value] of document) {
    const list = /^(.*)\[\d+\]$/.exec(key)?.[1];
    if (list === undefined) joined.set(key, value);
    else joined.set(list, joined.has(list) ? `${joined.get(list) ?? ''},${value}` : value);
  }
  return joined;
}

/** `${NAME:default}`: the environment, then the same document, then the default; left as it is without any. */
function resolve(value: string, document: Document, environment: Environment): string {
  return value.replace(/\$\{([^}:]+)(?::([^}]*))?\}/g, (whole, name: string, fallback: string | undefined) => {
    const asVariable = name.toUpperCase().replace(/[.-]/g, '_');
    return environment[name] ?? environment[asVariable] ?? document.get(name) ?? fallback ?? whole;
  });
}
