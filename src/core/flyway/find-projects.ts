import type { ConfigFileError } from './config-files';
import type { FileSystem } from '../ports/file-system';
import { defaultsSource, splitList, type FlywayConfig } from './flyway-config';
import { readProjects, type ProjectPlace } from './read-project';

/** A folder with a Flyway configuration, or with migrations where Flyway looks by default. */
export interface FlywayProject {
  readonly folder: string;
  readonly config: FlywayConfig;
  /** Folders with migrations that exist, without links and without one inside another. */
  readonly migrationFolders: readonly string[];
  /** Folders below them that are another project's. */
  readonly excludedFolders: readonly string[];
  readonly problems: readonly string[];
  /** Those of the problems that leave a configuration unknown: a file that cannot be read as what it is. */
  readonly unreadable: readonly ConfigFileError[];
}

/** Flyway's own file. */
const flywaysFile = /\bflyway[\w.-]*\.(?:toml|conf)$/;

/**
 * Whether what Flyway would be told is not known, so that findings may be about other scripts than those it runs: a file of
 * its own that cannot be read, or any other where there are migrations.
 */
export function isUnknown({ unreadable, migrationFolders }: FlywayProject): boolean {
  return unreadable.some(({ path }) => migrationFolders.length > 0 || flywaysFile.test(path));
}

/** Folders that hold no project of the person's own. */
const passedOver = new Set(['node_modules', 'target', 'build', 'out', 'dist', 'bin', 'venv', '__pycache__', 'vendor']);
/** Files that make a folder a project. */
const ownFile = /^(flyway[\w.-]*\.(toml|conf)|pom\.xml|build\.gradle(\.kts)?|application[\w.-]*\.(ya?ml|properties))$/;

/** Whether a file of this name tells how Flyway is used in its folder. */
export function isProjectFile(name: string): boolean {
  return ownFile.test(name);
}

/** Folders in which a project without configuration may keep its migrations. */
const likelyFolders = new Set(['src', 'conf', 'sql', 'db', 'migrations', 'flyway']);
/** How deep below a workspace folder a project is looked for. */
const deepest = 8;

/**
 * Finds the Flyway projects of a workspace folder: each folder with a configuration of Flyway's, Spring's, Maven's or
 * Gradle's that has migrations, else the default places. `override` (the setting, or what
 * `overrideFrom` names) replaces all locations.
 */
export async function findProjects(
  files: FileSystem,
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
  override: readonly string[] = [],
  overrideFrom = 'the setting dbOps.flyway.locations',
): Promise<FlywayProject[]> {
  const place = async (folder: string): Promise<ProjectPlace> => {
    const names = ((await files.list(folder)) ?? []).map(({ name }) => name);
    return { files, root, folder, names, environment };
  };
  if (override.length > 0)
    return readProjects(await place(root), {
      value: override.flatMap(splitList),
      from: overrideFrom,
    });
  const projects: FlywayProject[] = [];
  const seen = new Set<string>();
  const visit = async (folder: string, depth: number, configuredAbove: boolean): Promise<void> => {
    const real = await files.real(folder);
    if (seen.has(real)) return;
    seen.add(real);
    const entries = await files.list(folder);
    if (!entries) return;
    const names = entries.map((entry) => entry.name);
    let configured = configuredAbove;
    // Below a project that says where its migrations are, only a project of its own counts, not a folder named db.
    if (names.some((name) => ownFile.test(name) || (!configuredAbove && likelyFolders.has(name)))) {
      const own = await readProjects({ files, root, folder, names, environment });
      projects.push(...own);
      configured ||= own.some(({ config }) => config.locations.from !== defaultsSource);
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

/** A folder of migrations belongs to the innermost project that names it, else to the first. */
function withoutRepeats(projects: readonly FlywayProject[]): FlywayProject[] {
  const owner = new Map<string, FlywayProject>();
  for (const project of projects) {
    for (const folder of project.migrationFolders) {
      const other = owner.get(folder);
      if (!other || certainty(project) > certainty(other)) owner.set(folder, project);
    }
  }
  const own = projects.map((project) => ({
    ...project,
    migrationFolders: project.migrationFolders.filter((folder) => owner.get(folder) === project),
  }));
  // What a parent says for its modules has no folders where the parent stands, and is no problem there.
  const used = new Set(own.filter(holdsFolders).map(({ config }) => config.locations.from));
  return own.filter(
    (project) => holdsFolders(project) || (project.problems.length > 0 && !used.has(project.config.locations.from)),
  );
}

/** How much a project's configuration tells of its own: locations first, then everything else. */
function certainty({ config }: FlywayProject): number {
  return (config.locations.from === defaultsSource ? 0 : 1000) + config.sources.length;
}

function holdsFolders({ migrationFolders }: FlywayProject): boolean {
  return migrationFolders.length > 0;
}
