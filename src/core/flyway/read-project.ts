import type { FileSystem } from '../ports/file-system';
import { isVendorFolder, kindOfFolder } from './database-kind';
import { defaultNaming, scanFileName } from './file-name';
import type { FlywayProject } from './find-projects';
import {
  assumedSource,
  buildConfig,
  defaultsSource,
  type FlywayConfig,
  type SettingsLayer,
  type Sourced,
} from './flyway-config';
import { outermost, resolveLocation } from './locations';
import { readSettings, type ToolSettings } from './settings-files';

/** Where a project is looked for. */
export interface ProjectPlace {
  readonly files: FileSystem;
  /** The workspace's folder. */
  readonly root: string;
  readonly folder: string;
  /** The names of the folder's entries. */
  readonly names: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The projects of one folder: one for what its configurations say together, and one for each further use of Flyway whose
 * migrations lie elsewhere. None when it has neither a configuration nor migrations where Flyway looks by default.
 * `override` are locations that replace all others.
 */
export async function readProjects(
  place: ProjectPlace,
  override?: Sourced<readonly string[]>,
): Promise<FlywayProject[]> {
  const { files, folder, names, environment } = place;
  const settings = await readSettings(files, folder, names, environment);
  const main = settings.tools.flatMap(({ layers }) => layers);
  const configured = main.some(({ values }) => [...values.keys()].some((key) => !ofDatabase.has(key)));
  const byCommandLine = settings.tools.some(({ tool, layers }) => tool === 'flyway' && layers.length > 0);
  const defaults = { value: defaultLocations(byCommandLine), from: defaultsSource };
  const build = (layers: readonly SettingsLayer[]): FlywayConfig => {
    const config = buildConfig([...layers, ...settings.environment], defaults);
    return override
      ? {
          ...config,
          locations: override,
          shown: config.shown.map((row) =>
            row.name === 'locations' ? { ...row, value: override.value.join(','), from: override.from } : row,
          ),
        }
      : config;
  };
  const config = build(main);
  const found = await foldersOf(place, config, !byCommandLine);
  const projects: FlywayProject[] = [];
  if (found.length > 0 || override || configured || settings.unreadable.length > 0) {
    const missing = `None of the locations ${config.locations.value.join(', ')} (from ${config.locations.from}) exists below ${folder}.`;
    const { unreadable } = settings;
    const problems =
      found.length === 0 && (override ?? configured) ? [...settings.problems, missing] : settings.problems;
    projects.push(
      ...(await byVendor(files, {
        folder,
        config,
        migrationFolders: found,
        excludedFolders: [],
        problems,
        unreadable,
      })),
    );
  }
  if (override) return projects;
  for (const layers of furtherUses(settings.tools)) {
    const before = layers.some(({ alone }) => alone) ? main.map(onlyDatabase) : main;
    const other = build([...before, ...layers]);
    const folders = (await foldersOf(place, other, false)).filter(
      (path) =>
        !projects.some(({ migrationFolders }) =>
          migrationFolders.some((known) => path === known || path.startsWith(`${known}/`)),
        ),
    );
    if (folders.length > 0)
      projects.push({
        folder,
        config: other,
        migrationFolders: folders,
        excludedFolders: [],
        problems: [],
        unreadable: [],
      });
  }
  // A further use has the folders: that the main one has none is then no problem.
  const useful = projects.filter(({ migrationFolders }) => migrationFolders.length > 0);
  return useful.length > 0 && useful.length < projects.length
    ? useful.map((project, index) =>
        index === 0 ? { ...project, problems: settings.problems, unreadable: settings.unreadable } : project,
      )
    : projects;
}

/** Settings that tell of the database and its driver, and nothing of Flyway. */
const ofDatabase = new Set(['databaseKind', 'distribution', 'driver', 'datasource.url']);

function onlyDatabase({ from, values }: SettingsLayer): SettingsLayer {
  return { from, values: new Map([...values].filter(([key]) => ofDatabase.has(key))) };
}

/** Layers that name locations of their own beside the main ones: of a weaker tool, an execution, a task, a data source. */
function furtherUses(tools: readonly ToolSettings[]): (readonly SettingsLayer[])[] {
  const locates = ({ values }: SettingsLayer): boolean => values.has('locations');
  return tools.flatMap(({ layers, alternatives }) => [
    ...(layers.some(locates) ? [layers] : []),
    ...alternatives.filter(locates).map((layer) => [layer]),
  ]);
}

async function foldersOf(place: ProjectPlace, config: FlywayConfig, mayGuess: boolean): Promise<string[]> {
  const found: string[] = [];
  for (const location of config.locations.value) {
    const resolved = await resolveLocation({ ...place, database: config.database.value }, location);
    const guessed = config.locations.from === defaultsSource && guesses.includes(location) && mayGuess;
    for (const folder of resolved) if (!guessed || (await holdsMigrations(place.files, folder))) found.push(folder);
  }
  return outermost(found);
}

/** Folders with names that other things have too: taken without a configuration only when migrations are in them. */
const guesses = [
  'filesystem:db/migration',
  'filesystem:db/migrations',
  'filesystem:migrations',
  'filesystem:sql',
  'filesystem:flyway/sql',
];

/** Where Flyway looks without being told: the class path of Maven, Gradle and Spring Boot, and the command line's folder. */
function defaultLocations(byCommandLine: boolean): readonly string[] {
  return byCommandLine
    ? ['filesystem:sql', 'classpath:db/migration']
    : ['filesystem:src/main/resources/db/migration', 'filesystem:src/main/kotlin/db/migration', ...guesses];
}

async function holdsMigrations(files: FileSystem, folder: string): Promise<boolean> {
  const entries = (await files.list(folder)) ?? [];
  return entries.some(
    ({ name, kind }) => kind === 'file' && ['versioned', 'repeatable'].includes(scanFileName(name, defaultNaming).kind),
  );
}

/**
 * The database by the folders of the locations where nothing else tells. Where a default folder holds one folder for each
 * database, the program chooses among them, and each is a project of its own.
 */
async function byVendor(files: FileSystem, project: FlywayProject): Promise<FlywayProject[]> {
  const { config, migrationFolders } = project;
  const kind = kindOfFolder(config.locations.value.map((location) => location.replace(/^\w+:/, '')).join('/'));
  const uncertain =
    config.database.from === assumedSource ||
    /\(dependencies\)$|h2|hsqldb/.test(`${config.database.from} ${config.database.value}`);
  const own = kind !== undefined && uncertain ? withDatabase(project, kind, 'the name of the location') : project;
  if (config.locations.from !== defaultsSource) return [own];
  const vendors: { path: string; name: string }[] = [];
  for (const folder of migrationFolders)
    for (const { name, kind: entry } of (await files.list(folder)) ?? [])
      if (entry === 'folder' && isVendorFolder(name)) vendors.push({ path: `${folder}/${name}`, name });
  if (vendors.length < 2) return [own];
  const chosen = vendors.find(({ name }) => kindOfFolder(name) === 'postgresql') ?? vendors[0];
  const others = vendors.filter((vendor) => vendor !== chosen);
  const ofVendor = (to: FlywayProject, name: string): FlywayProject =>
    withDatabase(to, kindOfFolder(name) ?? 'other', `the folder ${name}`);
  return [
    ofVendor({ ...project, excludedFolders: others.map(({ path }) => path) }, chosen?.name ?? ''),
    ...others.map(({ path, name }) =>
      ofVendor({ ...project, migrationFolders: [path], problems: [], unreadable: [] }, name),
    ),
  ];
}

function withDatabase(project: FlywayProject, value: FlywayConfig['database']['value'], from: string): FlywayProject {
  const shown = project.config.shown.map((row) => (row.name === 'database' ? { ...row, value, from } : row));
  return { ...project, config: { ...project.config, database: { value, from }, shown } };
}
