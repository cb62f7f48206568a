import { isUnknown, type FlywayProject } from '../flyway/find-projects';
import type { FileSystem } from '../ports/file-system';
import { Places } from './editor-settings';
import type { SettingsMistake } from './worker-messages';

/** Files that cannot be read and leave unknown what Flyway would be told, each marked where its mistake is. */
export async function unreadableFiles(
  projects: readonly FlywayProject[],
  files: FileSystem,
): Promise<SettingsMistake[]> {
  const errors = projects.filter(isUnknown).flatMap(({ unreadable }) => unreadable);
  const byPath = new Map(errors.map((error) => [error.path, error]));
  return Promise.all(
    [...byPath.values()].map(async ({ path, why, at }) => {
      const places = new Places(new TextDecoder().decode(await files.read(path)));
      const message = `This cannot be read, so what Flyway is told is not known, and the scripts it runs may be others: ${why}`;
      return { path, message, isError: true, range: places.at(at?.line ?? 1, at?.column) };
    }),
  );
}
