import type { FileSystem } from '../ports/file-system';
import { checksum } from './checksum';
import { decodeScript } from './decode-script';
import { findProjects } from './find-projects';
import type { HistorySettings, ResolvedScript } from './history-states';
import { placeholdersOf, replacePlaceholders } from './placeholders';
import { scanScripts } from './scan-scripts';

/** A project of the workspace as its scripts are compared with a history. */
export interface ProjectScripts extends HistorySettings {
  readonly folder: string;
  /** Name of the history table. */
  readonly table: string;
  readonly scripts: readonly ResolvedScript[];
}

/** The scripts of the projects below `root` with Flyway's checksums, read from disk. PostgreSQL's only. */
export async function resolveScripts(
  files: FileSystem,
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
  locations: readonly string[] = [],
): Promise<readonly ProjectScripts[]> {
  const projects = await findProjects(files, root, environment, locations);
  return Promise.all(
    projects
      .filter(({ config }) => config.database.value === 'postgresql')
      .map(async (project): Promise<ProjectScripts> => {
        const { config, folder } = project;
        const scripts: ResolvedScript[] = [];
        for (const { path, name, meaning } of await scanScripts(files, project)) {
          if (!['versioned', 'undo', 'baseline', 'repeatable'].includes(meaning.kind)) continue;
          const bytes = await files.read(path);
          // One that cannot be read is there all the same: repair does not mark it as deleted.
          const text = bytes && decodeScript(bytes, config.encoding).text;
          const checksums = text === undefined ? [] : [checksum(text)];
          if (text !== undefined && meaning.kind === 'repeatable' && config.placeholderReplacement) {
            const replaced = replacePlaceholders(text, placeholdersOf(config, name, text));
            if ('text' in replaced) checksums.push(checksum(replaced.text));
          }
          scripts.push({ path, meaning, checksums, shouldExecute: true });
        }
        return {
          folder,
          table: config.table,
          scripts,
          outOfOrder: config.outOfOrder,
          target: config.target,
          ignorePatterns: config.ignoreMigrationPatterns,
        };
      }),
  );
}
