import { chownSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { serverAccount } from './account';
import { binariesOf, labParent, newestMajor, readableByAll } from './binaries';
import { LabBuilder, type LabOptions } from './lab-builder';
import type { LabServer } from './server';
import { Watchdog } from './watchdog';

export { labPassword, type LabOptions } from './lab-builder';

/**
 * A primary and its standbys. Roles beside the superuser: `monitor` (pg_monitor), `plain` (nothing), each with the
 * lab's password.
 */
export interface Lab {
  readonly folder: string;
  readonly primary: LabServer;
  readonly standbys: readonly LabServer[];
  stop(): Promise<void>;
}

/** Starts real servers in a temporary folder of their own. Nothing of it is left after `stop`, Ctrl-C or a crash. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const major = options.major ?? newestMajor;
  const account = serverAccount();
  const folder = await mkdtemp(path.join(await labParent(account), 'dbops-lab-'));
  const watchdog = Watchdog.over(folder);
  const started: LabServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop('immediate')));
    watchdog.release();
  };
  try {
    await chmod(folder, 0o755);
    if (account) chownSync(folder, account.uid, account.gid);
    const found = await binariesOf(major);
    const native = account ? await readableByAll(found, folder) : found;
    const builder = new LabBuilder({ folder, native, major, account, watchdog }, options);
    const primary = await builder.makePrimary();
    started.push(primary);
    const numbers = Array.from({ length: options.standbys ?? 0 }, (_, index) => index + 1);
    const standbys = await Promise.all(numbers.map((number) => builder.makeStandby(primary, number)));
    started.unshift(...standbys);
    return { folder, primary, standbys, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
