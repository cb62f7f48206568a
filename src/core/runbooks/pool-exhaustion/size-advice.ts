import { formatBytes } from '../../format/quantities';
import { sizingPart } from '../../pool/sizing';
import { number, flag, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';

/** What decides how many sessions a server can take. */
export interface ServerLimits {
  readonly maxConnections: number;
  readonly superuserReserved: number;
  /** 16+; 0 before. */
  readonly reserved: number;
  readonly used: number;
  readonly workMemBytes: number;
  readonly standbys: number;
  readonly inRecovery: boolean;
  readonly major: number;
}

/** 12 to 18. */
export const limitsStatement: Statement<ServerLimits> = {
  name: 'limits of the server',
  text: `
SELECT current_setting('max_connections')::int AS max_connections,
  current_setting('superuser_reserved_connections')::int AS superuser_reserved,
  coalesce(current_setting('reserved_connections', true), '0')::int AS reserved,
  (SELECT sum(d.numbackends) FROM pg_catalog.pg_stat_database AS d)::int AS used,
  pg_catalog.pg_size_bytes(current_setting('work_mem'))::float8 AS work_mem,
  (SELECT count(*) FROM pg_catalog.pg_stat_replication AS r)::int AS standbys,
  pg_catalog.pg_is_in_recovery() AS in_recovery, current_setting('server_version_num')::int / 10000 AS major`,
  row: (raw: RawRow) => ({
    maxConnections: number(raw, 'max_connections'),
    superuserReserved: number(raw, 'superuser_reserved'),
    reserved: number(raw, 'reserved'),
    used: number(raw, 'used'),
    workMemBytes: number(raw, 'work_mem'),
    standbys: number(raw, 'standbys'),
    inRecovery: flag(raw, 'in_recovery'),
    major: number(raw, 'major'),
  }),
};

/** The arithmetic of the pools and of max_connections, in lines of plain text. `pools`: lines of the sizing rule. */
export function sizeAdvice(limits: ServerLimits, pools: readonly string[]): readonly string[] {
  const { maxConnections, superuserReserved, reserved, used, workMemBytes, standbys, inRecovery, major } = limits;
  const usable = maxConnections - superuserReserved - reserved;
  const most = Math.floor(sizingPart * usable);
  const ofReserved = reserved > 0 ? ` - ${reserved} (reserved_connections)` : '';
  return [
    `Usable slots: ${maxConnections} (max_connections) - ${superuserReserved} (superuser_reserved_connections)${ofReserved} = ${usable}.`,
    `All pools together, maximum × instances, may take 80 % of them: 0.8 × ${usable} = ${most}. The guide divides by max_connections and forgets the reserved slots.`,
    ...pools,
    ...(pools.length === 0
      ? [
          `No application is attached, so its pools are not known. Sessions now: ${used}. Raise a pool only while the sum of all maxima stays at ${most} or less.`,
        ]
      : []),
    `Raising max_connections instead needs a RESTART, and memory: each session may take work_mem (${formatBytes(workMemBytes)}) several times; ${maxConnections} of them once is ${formatBytes(maxConnections * workMemBytes)}.`,
    standbyLine(standbys, inRecovery, major),
  ];
}

function standbyLine(standbys: number, inRecovery: boolean, major: number): string {
  const effect = major >= 14 ? 'their replay pauses until they are restarted with as many' : 'they shut down';
  if (inRecovery)
    return 'This is a standby: its max_connections must be at least that of its primary. Standbys are raised first.';
  return standbys === 0
    ? `No standby is connected now. One that is to come must have at least the same max_connections, and is raised FIRST: raised on the primary alone, standbys fall out (${effect}).`
    : `${standbys} standby(s) connected: raise and restart THEM first, the primary last. Raised on the primary alone, ${effect}.`;
}
