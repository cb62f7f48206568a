import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import os from 'node:os';
import type { SystemAccess } from '../core/ports/system-access';

type Environment = SystemAccess['environment'];

/** The machine the extension runs on. */
export function localSystem(environment: Environment = process.env): SystemAccess {
  return {
    environment,
    homeDirectory: os.homedir(),
    userName: userName(environment),
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
function userName(environment: Environment): string {
  try {
    return os.userInfo().username;
  } catch {
    return environment['USER'] ?? environment['USERNAME'] ?? 'postgres';
  }
}
