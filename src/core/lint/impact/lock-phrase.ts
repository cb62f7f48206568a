import { blocks, lockName, type LockMode } from './lock-mode';

/** `SHARE on orders, which blocks writes`. */
export function lockOn(mode: LockMode, table: string | undefined): string {
  return `${lockName(mode)}${table === undefined ? '' : ` on ${table}`}, which blocks ${blocks(mode)}`;
}
