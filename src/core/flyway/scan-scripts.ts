import type { FileSystem } from '../ports/file-system';
import { scanFileName, type FileName } from './file-name';
import type { FlywayProject } from './find-projects';

/** A file in a folder of migrations. */
export interface FoundScript {
  readonly path: string;
  readonly name: string;
  readonly meaning: FileName;
}

/** All files of the project's folders, walked as Flyway walks them: hidden ones skipped, links followed, loops cut. */
export async function scanScripts(files: FileSystem, project: FlywayProject): Promise<FoundScript[]> {
  const scripts: FoundScript[] = [];
  const seen = new Set<string>();
  const walk = async (folder: string): Promise<void> => {
    const real = await files.real(folder);
    if (seen.has(real) || project.excludedFolders.includes(folder)) return;
    seen.add(real);
    for (const entry of (await files.list(folder)) ?? []) {
      if (entry.name.startsWith('.')) continue;
      const path = `${folder}/${entry.name}`;
      if (entry.kind === 'folder') await walk(path);
      else scripts.push({ path, name: entry.name, meaning: scanFileName(entry.name, project.config.naming) });
    }
  };
  for (const folder of project.migrationFolders) await walk(folder);
  return scripts.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether a name is one of a script that makes a folder a place of migrations. */
export function isVersionedOrRepeatable({ kind }: FileName): boolean {
  return kind === 'versioned' || kind === 'repeatable';
}

/**
 * Whether a file matters to lint: a script, or something that looks as if it was meant to be one. A `.conf` beside a script
 * is its configuration.
 */
export function isOfInterest(script: FoundScript): boolean {
  return script.meaning.kind !== 'skipped' || (/\.sql(\.\w+)?$/i.test(script.name) && !/\.conf$/i.test(script.name));
}
