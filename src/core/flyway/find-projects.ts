import type { FileSystem } from '../ports/file-system';
import {
  ConfigFileError,
  readBuildFile,
  readConf,
  readEnvironment,
  readSpringProperties,
  readSpringYaml,
  readToml,
} from './config-files';
import { buildConfig, splitList, type FlywayConfig, type SettingsLayer, type Sourced } from './flyway-config';

/** A folder with a Flyway configuration, or with migrations where Flyway looks by default. */
export interface FlywayProject {
  readonly folder: string;
  readonly config: FlywayConfig;
  /** Folders with migrations that exist, without links and without one inside another. */
  readonly migrationFolders: readonly string[];
  readonly problems: readonly string[];
}

/** Folders that hold no project of the person's own. */
const passedOver = new Set(['node_modules', 'target', 'build', 'out', 'dist', 'bin', 'venv', '__pycache__', 'vendor']);
/** Files that make a folder a project, and folders in which one without configuration may keep its migrations. */
const ownFiles = ['flyway.toml', 'flyway.user.toml', 'flyway.conf', 'pom.xml', 'build.gradle', 'build.gradle.kts'];
const likelyFolders = ['src', 'conf', 'sql', 'db', 'migrations'];
const defaultsSource = "Flyway's defaults";
/** How deep below a workspace folder a project is looked for. */
const deepest = 8;

/**
 * Finds the Flyway projects of a workspace folder: each folder with a configuration of Flyway's, Spring's, Maven's or
 * Gradle's that has migrations, else the default places. `override` (the setting) replaces all locations.
 */
export async function findProjects(
  files: FileSystem,
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
  override: readonly string[] = [],
): Promise<FlywayProject[]> {
  const projects: FlywayProject[] = [];
  if (override.length > 0) {
    const project = await readProject(
      files,
      root,
      environment,
      { value: override, from: 'the setting dbOps.flyway.locations' },
      true,
    );
    return project ? [project] : [];
  }
  const seen = new Set<string>();
  const visit = async (folder: string, depth: number, configuredAbove: boolean): Promise<void> => {
    const real = await files.real(folder);
    if (seen.has(real)) return;
    seen.add(real);
    const entries = await files.list(folder);
    if (!entries) return;
    const names = new Set(entries.map((entry) => entry.name));
    let configured = configuredAbove;
    // Below a project that says where its migrations are, only a project of its own counts, not a folder named db.
    if ([...ownFiles, ...(configuredAbove ? [] : likelyFolders)].some((name) => names.has(name))) {
      const project = await readProject(files, folder, environment, undefined, false);
      if (project) projects.push(project);
      configured ||= project !== undefined && project.config.locations.from !== defaultsSource;
    }
    if (depth >= deepest) return;
    for (const entry of entries) {
      if (entry.kind === 'folder' && !entry.name.startsWith('.') && !passedOver.has(entry.name))
        await visit(`${folder}/${entry.name}`, depth + 1, configured);
    }
  };
  await visit(root, 0, false);
  return withoutRepeats(projects);
}

async function readProject(
  files: FileSystem,
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
  override: Sourced<readonly string[]> | undefined,
  always: boolean,
): Promise<FlywayProject | undefined> {
  const problems: string[] = [];
  const layers: SettingsLayer[] = [];
  const read = async (file: string, reader: (from: string, content: string) => SettingsLayer): Promise<void> => {
    const bytes = await files.read(`${folder}/${file}`);
    if (!bytes) return;
    try {
      layers.push(reader(`${folder}/${file}`, new TextDecoder().decode(bytes)));
    } catch (error) {
      if (!(error instanceof ConfigFileError)) throw error;
      problems.push(error.message);
    }
  };
  const conf = (from: string, content: string): SettingsLayer => readConf(from, content, environment);
  await read('pom.xml', readBuildFile);
  await read('build.gradle', readBuildFile);
  await read('build.gradle.kts', readBuildFile);
  for (const place of ['src/main/resources', 'src/main/resources/config', '.']) {
    for (const ending of ['yml', 'yaml']) await read(`${place}/application.${ending}`, readSpringYaml);
    await read(`${place}/application.properties`, readSpringProperties);
  }
  await read('conf/flyway.conf', conf);
  await read('flyway.conf', conf);
  await read('flyway.toml', readToml);
  await read('flyway.user.toml', readToml);
  const configured = layers.some((layer) => layer.values.size > 0);
  layers.push(readEnvironment(environment));
  const config = buildConfig(layers, override ?? { value: defaultLocations(folder), from: defaultsSource });
  const locations = override?.value ?? config.locations.value;
  const migrationFolders: string[] = [];
  for (const location of locations) migrationFolders.push(...(await resolveLocation(files, folder, location)));
  if (!always && migrationFolders.length === 0 && !configured) return undefined;
  const missing =
    migrationFolders.length === 0
      ? [`None of the locations ${locations.join(', ')} (from ${config.locations.from}) exists below ${folder}.`]
      : [];
  return {
    folder,
    config: override ? { ...config, locations: override } : config,
    migrationFolders: outermost(migrationFolders),
    problems: [...problems, ...missing],
  };
}

/** Where Flyway looks without being told: the class path of Maven, Gradle and Spring Boot, and the command line's folder. */
function defaultLocations(folder: string): readonly string[] {
  return [
    'filesystem:src/main/resources/db/migration',
    'filesystem:src/main/kotlin/db/migration',
    `filesystem:${folder.endsWith('/sql') ? '.' : 'sql'}`,
    'filesystem:db/migration',
  ];
}

/** The existing folders of one location; `*`, `**` and `?` are wildcards of folder names, `{vendor}` is PostgreSQL's. */
async function resolveLocation(files: FileSystem, folder: string, location: string): Promise<string[]> {
  const [, scheme, rest] = /^(?:(\w+):)?(.*)$/.exec(location.trim()) ?? [];
  if (scheme !== undefined && scheme !== 'filesystem' && scheme !== 'classpath' && scheme.length > 1) return [];
  const path = (scheme?.length === 1 ? location : (rest ?? ''))
    .replaceAll('\\', '/')
    .replaceAll('{vendor}', 'postgresql')
    .replace(/^\.\//, '');
  const bases =
    scheme === 'filesystem' || scheme?.length === 1
      ? [folder]
      : ['src/main/resources', 'src/main/java', 'src/main/kotlin', '.'].map((place) => `${folder}/${place}`);
  const found: string[] = [];
  for (const base of bases) {
    const absolute = /^(\/|[A-Za-z]:)/.test(path) && base === folder ? path : `${base}/${path.replace(/^\//, '')}`;
    const segments = absolute
      .replace(/\/\.(?=\/|$)/g, '')
      .split('/')
      .filter((segment, index) => index === 0 || segment !== '');
    found.push(...(await expand(files, segments[0] ?? '', segments.slice(1))));
    if (found.length > 0 && bases.length > 1) break;
  }
  return found;
}

async function expand(files: FileSystem, base: string, segments: readonly string[]): Promise<string[]> {
  const at = segments.findIndex((segment) => /[*?]/.test(segment));
  if (at === -1) {
    const path = [base, ...segments].join('/');
    return (await files.list(path)) ? [path] : [];
  }
  const start = [base, ...segments.slice(0, at)].join('/');
  const pattern = segments[at] ?? '';
  const below = segments.slice(at + 1);
  const entries = (await files.list(start)) ?? [];
  const folders = entries
    .filter((entry) => entry.kind === 'folder' && !entry.name.startsWith('.'))
    .map((entry) => entry.name);
  const found: string[] = pattern === '**' ? await expand(files, start, below) : [];
  for (const name of folders) {
    if (pattern === '**') found.push(...(await expand(files, `${start}/${name}`, segments.slice(at))));
    else if (wildcard(pattern).test(name)) found.push(...(await expand(files, `${start}/${name}`, below)));
  }
  return found;
}

function wildcard(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
}

function outermost(folders: readonly string[]): string[] {
  const unique = [...new Set(folders)].sort();
  return unique.filter((folder) => !unique.some((other) => other !== folder && folder.startsWith(`${other}/`)));
}

/** A folder of migrations belongs to the innermost project that names it, else to the first. */
function withoutRepeats(projects: readonly FlywayProject[]): FlywayProject[] {
  const owner = new Map<string, FlywayProject>();
  for (const project of projects) {
    for (const folder of project.migrationFolders) {
      const other = owner.get(folder);
      if (!other || project.config.sources.length > other.config.sources.length) owner.set(folder, project);
    }
  }
  return projects
    .map((project) => ({
      ...project,
      migrationFolders: project.migrationFolders.filter((folder) => owner.get(folder) === project),
    }))
    .filter((project) => project.migrationFolders.length > 0 || project.problems.length > 0);
}

/** Lists of locations in settings may hold commas. */
export function locationsOf(setting: readonly string[]): string[] {
  return setting.flatMap(splitList);
}
