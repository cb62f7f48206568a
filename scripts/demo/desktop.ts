import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../test/lab/account';
import { run } from '../npm';

/** A window of the person's own VS Code, with settings and extensions of its own. */
export interface DesktopWindow {
  /** Resolves when the person closes it. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/**
 * The `code` of the search path.
 * @throws Error that says how to get one
 */
export function findCode(): string {
  const names = process.platform === 'win32' ? ['code.cmd'] : ['code', 'code-insiders', 'codium'];
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  const found = names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(existsSync);
  if (found !== undefined) return found;
  throw new Error(
    'There is no `code` on the PATH. Install VS Code (on macOS run "Shell Command: Install \'code\' command in PATH" in ' +
      'it), or run `npm run demo`, which brings a VS Code of its own and shows it in the browser.',
  );
}

/** Opens `workspace` in a VS Code that has only the packaged extension and forgets everything afterwards. */
export async function openDesktop(
  code: string,
  place: { folder: string; workspace: string; vsix: string; settings: Readonly<Record<string, unknown>> },
): Promise<DesktopWindow> {
  const userData = path.join(place.folder, 'user-data');
  const own = ['--user-data-dir', userData, '--extensions-dir', path.join(place.folder, 'extensions')];
  // Chromium's sandbox refuses root.
  if (process.getuid?.() === 0) own.push('--no-sandbox');
  mkdirSync(path.join(userData, 'User'), { recursive: true });
  writeFileSync(path.join(userData, 'User', 'settings.json'), JSON.stringify(place.settings, undefined, 2));
  await run(code, [...own, '--install-extension', place.vsix, '--force'], place.folder);
  const child = spawn(code, [...own, '--disable-workspace-trust', '--new-window', '--wait', place.workspace], {
    stdio: 'ignore',
    detached: true,
    shell: process.platform === 'win32',
  });
  const closed = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
  return { closed, close: () => close(child, userData) };
}

async function close(child: ChildProcess, userData: string): Promise<void> {
  const pid = mainProcess(userData);
  if (pid !== undefined) {
    process.kill(pid, 'SIGTERM');
    const deadline = Date.now() + 5_000;
    while (isAlive(pid) && Date.now() < deadline) await sleep(50);
  }
  child.kill();
}

/** VS Code writes the pid of its main process there. */
function mainProcess(userData: string): number | undefined {
  const lock = path.join(userData, 'code.lock');
  const pid = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
  return pid > 1 && isAlive(pid) ? pid : undefined;
}
