import { spawnSync } from 'node:child_process';
import { childrenOf } from '../lab/account';

/** The extension host below a VS Code server. */
export function extensionHostOf(serverPid: number): number {
  const found = descendants(serverPid).filter((pid) => commandOf(pid).includes('--type=extensionHost'));
  const last = found.at(-1);
  if (last === undefined) throw new Error(`No extension host runs below process ${serverPid}.`);
  return last;
}

/** Resident memory of a process in MiB. */
export function residentMiB(pid: number): number {
  const kib = Number(spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout);
  if (!(kib > 0)) throw new Error(`Process ${pid} is gone.`);
  return kib / 1024;
}

function descendants(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
}

function commandOf(pid: number): string {
  return spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
}
