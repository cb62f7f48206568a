import { parseXml, XmlElement, XmlText, type XmlNode } from '@rgrove/parse-xml';
import { ConfigFileError } from './config-files';
import { dependencySettings } from './dependencies';
import type { SettingsLayer } from './flyway-config';

/** What a pom.xml tells, with what it has from its parents. */
export interface MavenSettings {
  readonly layers: readonly SettingsLayer[];
  /** One for each execution, or profile that is not on, with settings of its own. */
  readonly alternatives: readonly SettingsLayer[];
  readonly modules: readonly string[];
}

/** A pom.xml and the folder it lies in. */
export interface Pom {
  readonly from: string;
  readonly folder: string;
  readonly root: XmlElement;
  readonly content: string;
}

/** Parses a pom.xml; throws ConfigFileError where it is broken. */
export function parsePom(from: string, content: string): Pom {
  try {
    const { root } = parseXml(content.replace(/^\ufeff/, '').trimStart(), { ignoreUndefinedEntities: true });
    if (root) return { from, folder: from.slice(0, from.lastIndexOf('/')), root, content };
  } catch (error) {
    throw new ConfigFileError(from, (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '');
  }
  throw new ConfigFileError(from, 'there is no element in it');
}

/** Where the parent of a pom lies when it is in the same source tree: Maven's default is the folder above. */
export function parentPath(pom: Pom): string | undefined {
  const parent = child(pom.root, 'parent');
  if (!parent) return undefined;
  const given = child(parent, 'relativePath');
  const relative = given ? textOf(given) : '../pom.xml';
  if (relative === '') return undefined;
  return `${pom.folder}/${relative.endsWith('.xml') ? relative : `${relative}/pom.xml`}`;
}

/**
 * The settings of the flyway-maven-plugin: the parents' first, then the pom's own, each time pluginManagement before plugins
 * and a profile that is on by default last; the properties `flyway.*` outrank them. `chain` is the pom and its parents.
 */
export function readMaven(
  chain: readonly Pom[],
  environment: Readonly<Record<string, string | undefined>>,
): MavenSettings {
  const own = chain[0];
  if (!own) return { layers: [], alternatives: [], modules: [] };
  const properties = new Map<string, string>();
  const weakerFirst = [...chain].reverse();
  for (const { root } of weakerFirst)
    for (const holder of [root, ...profiles(root).filter(isOn)])
      for (const property of children(child(holder, 'properties'))) properties.set(property.name, textOf(property));
  const resolve = (value: string): string => interpolate(value, own.folder, properties, environment);
  const layers: SettingsLayer[] = [];
  const alternatives: SettingsLayer[] = [];
  const add = (to: SettingsLayer[], from: string, configuration: XmlElement | undefined): void => {
    const values = configuration ? settingsOf(configuration, resolve) : new Map<string, string>();
    if (values.size > 0) to.push({ from, values });
  };
  for (const { from, root } of weakerFirst) {
    for (const plugin of pluginsOf(root)) {
      add(layers, from, child(plugin, 'configuration'));
      for (const execution of children(child(plugin, 'executions'))) {
        const id = textOf(child(execution, 'id'));
        add(alternatives, `${from} (execution ${id === '' ? 'without id' : id})`, child(execution, 'configuration'));
      }
    }
    for (const profile of profiles(root))
      for (const plugin of pluginsOf(profile))
        add(
          isOn(profile) ? layers : alternatives,
          `${from} (profile ${textOf(child(profile, 'id'))})`,
          child(plugin, 'configuration'),
        );
  }
  const named = new Map([...properties].filter(([name]) => name.startsWith('flyway.')));
  if (named.size > 0)
    layers.push({
      from: `${own.from} (properties)`,
      values: new Map([...named].map(([name, value]) => [name.slice('flyway.'.length), resolve(value)])),
    });
  const dependencies = dependencySettings(chain.map(({ content }) => content));
  if (dependencies.size > 0) layers.unshift({ from: `${own.from} (dependencies)`, values: dependencies });
  const modules = children(child(own.root, 'modules')).map(textOf);
  return { layers, alternatives, modules };
}

function settingsOf(configuration: XmlElement, resolve: (value: string) => string): Map<string, string> {
  const values = new Map<string, string>();
  for (const element of children(configuration)) {
    const inner = children(element);
    if (element.name === 'placeholders')
      for (const placeholder of inner) values.set(`placeholders.${placeholder.name}`, resolve(textOf(placeholder)));
    else if (element.name === 'pluginConfiguration')
      for (const part of inner) values.set(part.name, resolve(textOf(part)));
    else if (inner.length > 0) values.set(element.name, inner.map((part) => resolve(textOf(part))).join(','));
    else if (textOf(element) !== '' || element.name.endsWith('Prefix'))
      values.set(element.name, resolve(textOf(element)));
  }
  return values;
}

/** The plugin where it stands, in the order in which Maven joins it. */
function pluginsOf(holder: XmlElement): XmlElement[] {
  const build = child(holder, 'build');
  return [child(child(build, 'pluginManagement'), 'plugins'), child(build, 'plugins')].flatMap((list) =>
    children(list).filter((plugin) => textOf(child(plugin, 'artifactId')) === 'flyway-maven-plugin'),
  );
}

function profiles(root: XmlElement): XmlElement[] {
  return children(child(root, 'profiles'));
}

function isOn(profile: XmlElement): boolean {
  return textOf(child(child(profile, 'activation'), 'activeByDefault')) === 'true';
}

function interpolate(
  value: string,
  folder: string,
  properties: ReadonlyMap<string, string>,
  environment: Readonly<Record<string, string | undefined>>,
  depth = 0,
): string {
  return value.replace(/\$\{([^}]+)\}/g, (whole, name: string) => {
    if (/^(project\.)?basedir$/.test(name)) return folder;
    if (name === 'project.build.directory') return `${folder}/target`;
    const found = name.startsWith('env.') ? environment[name.slice('env.'.length)] : properties.get(name);
    if (found === undefined) return whole;
    return depth < 10 ? interpolate(found, folder, properties, environment, depth + 1) : found;
  });
}

function child(parent: XmlElement | undefined, name: string): XmlElement | undefined {
  return children(parent).find((element) => element.name === name);
}

function children(parent: XmlElement | undefined): XmlElement[] {
  return (parent?.children ?? []).filter((node: XmlNode): node is XmlElement => node instanceof XmlElement);
}

function textOf(element: XmlElement | undefined): string {
  return (element?.children ?? [])
    .map((node) => (node instanceof XmlText ? node.text : ''))
    .join('')
    .trim();
}
