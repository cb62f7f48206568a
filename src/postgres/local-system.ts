import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import os from 'node:os';
import type { SystemAccess } from '../core/ports/system-access';

/** The machine the extension runs on. */
export function localSystem(): SystemAccess {
  return {
    environment: process.env,
    homeDirectory: os.homedir(),
    userName: userName(),
    windows: process.platform === 'win32',
    readText: (file) => readFile(file, 'utf8').catch(() => undefined),
    permissions: (file) =>
      stat(file).then(
        (found) => (found.isFile() ? found.mode & 0o777 : undefined),
        () => undefined,
      ),
    exists: (file) =>
      access(file, constants.F_OK).then(
        () => true,
        () => false,
      ),
  };
}

/** Some containers run under a uid without a name. */
function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return process.env['USER'] ?? 'postgres';
  }
}
