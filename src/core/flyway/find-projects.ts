import type { FileSystem } from '../ports/file-system';
import { splitList, type FlywayConfig } from './flyway-config';
import { defaultsSource, readProject } from './read-project';

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
  if (override.length > 0) {
    const locations = { value: override.flatMap(splitList), from: 'the setting dbOps.flyway.locations' };
    const project = await readProject(files, root, environment, locations);
    return project ? [project] : [];
  }
  const projects: FlywayProject[] = [];
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
      const project = await readProject(files, folder, environment, undefined);
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
