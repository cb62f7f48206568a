import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The account that runs the servers; undefined means the present one. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root. As root the lab uses an account that owns nothing: `postgres` where it exists,
 * else `nobody`.
 */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const found = lookUp(name);
    if (found) return found;
  }
  throw new Error(
    'Running as root needs an ordinary account for PostgreSQL; there is neither "postgres" nor "nobody".',
  );
}

function lookUp(name: string): Account | undefined {
  const uid = Number(spawnSync('id', ['-u', name], { encoding: 'utf8' }).stdout || NaN);
  const gid = Number(spawnSync('id', ['-g', name], { encoding: 'utf8' }).stdout || NaN);
  return Number.isInteger(uid) && Number.isInteger(gid) && uid !== 0 ? { uid, gid } : undefined;
}

/** The processes whose parent is `pid`. */
export function childrenOf(pid: number): number[] {
  if (process.platform === 'linux') {
    try {
      const tasks = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
      return tasks.split(' ').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  }
  return spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean)
    .map(Number);
}

/** Whether a process lives; one that ended and was not waited for does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  if (process.platform !== 'linux') return true;
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
