import type { FileSystem } from '../ports/file-system';
import { parseFileName, type FileName } from './file-name';
import type { FlywayProject } from './find-projects';

/** A migration that is a class: its version is known by its name, what it does is not. */
export interface CodeMigration {
  readonly path: string;
  readonly name: string;
  readonly meaning: Extract<FileName, { kind: 'versioned' | 'undo' | 'baseline' | 'repeatable' }>;
}

/** Languages whose classes Flyway finds on the class path. */
const languages = ['java', 'kotlin', 'groovy', 'scala'];
const ending = /\.(?:java|kt|groovy|scala|class)$/;

/**
 * The classes among a project's migrations: in its folders of scripts, and in the package of the same name beside the
 * resources (`src/main/java/db/migration/V2__Fill.java`).
 */
export async function findCodeMigrations(
  files: FileSystem,
  { migrationFolders, excludedFolders, config }: FlywayProject,
): Promise<CodeMigration[]> {
  const resources = '/src/main/resources/';
  const folders = migrationFolders.flatMap((folder) => [
    folder,
    ...(folder.includes(resources)
      ? languages.map((language) => folder.replace(resources, () => `/src/main/${language}/`))
      : []),
  ]);
  const found: CodeMigration[] = [];
  const seen = new Set<string>();
  const walk = async (folder: string): Promise<void> => {
    const entries = await files.list(folder);
    if (!entries || excludedFolders.includes(folder)) return;
    const real = await files.real(folder);
    if (seen.has(real)) return;
    seen.add(real);
    for (const { name, kind } of entries) {
      const path = `${folder}/${name}`;
      if (kind === 'folder') {
        if (!name.startsWith('.')) await walk(path);
        continue;
      }
      const suffix = ending.exec(name)?.[0];
      // A class inside of a class is part of it.
      if (suffix === undefined || name.includes('$')) continue;
      const meaning = parseFileName(name, { ...config.naming, suffixes: [suffix] });
      if (meaning.kind !== 'callback' && meaning.kind !== 'skipped' && meaning.kind !== 'invalid')
        found.push({ path, name, meaning });
    }
  };
  for (const folder of folders) await walk(folder);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}
