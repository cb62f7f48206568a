import { existsSync } from 'node:fs';
import { run } from './npm';

/** Whether packages can be installed without asking anybody: as root on Debian and its relatives. */
export function installsDebianPackages(): boolean {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/**
 * Installs packages, and upgrades none that the machine has.
 * @throws Error with the end of what apt-get said
 */
export async function installDebianPackages(packages: readonly string[]): Promise<void> {
  const patience = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  const quiet = ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-y', ...patience];
  await run('env', [...quiet, 'update'], '/');
  await run('env', [...quiet, 'install', '--no-install-recommends', '--no-upgrade', ...packages], '/');
}
