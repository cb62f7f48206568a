import { formatPercent } from '../../format/numbers';
import { formatBytes, formatDuration } from '../../format/quantities';
import { cacheHitOf, type Capacity } from './capacity';
import { fewestHits } from './scaling-verdict';

const mebi = 1024 ** 2;

/**
 * Advice about memory, in lines of plain text. SQL does not tell how much the machine has: without `ramBytes` only the
 * present values and what the counters say of them are told.
 */
export function memoryAdvice(capacity: Capacity, ramBytes: number | null): readonly string[] {
  return [...buffers(capacity, ramBytes), ...sorting(capacity, ramBytes), ...restarts(capacity)];
}

function buffers(capacity: Capacity, ramBytes: number | null): readonly string[] {
  const { sharedBuffers, effectiveCache, countedS } = capacity;
  const hit = cacheHitOf(capacity);
  const since = countedS === null ? 'since the database was made' : `in ${formatDuration(countedS)}`;
  const found =
    hit === null
      ? 'Too few blocks were asked for to tell whether it is enough.'
      : `${formatPercent(100 * hit)} of the blocks were found in it ${since}${hit < fewestHits ? ', which is little (98 % is usual)' : ''}. What is not may still be in the cache of the system.`;
  const now = `shared_buffers = ${formatBytes(sharedBuffers)}. ${found}`;
  if (ramBytes === null)
    return [
      now,
      `The guide takes 25 % of the machine's memory, which SQL does not tell${sharedBuffers <= 128 * mebi ? '; 128 MB is the default, which few servers of production keep' : ''}. Open this runbook from the palette and say it.`,
      `effective_cache_size = ${formatBytes(effectiveCache)}: what the planner takes for cached in all, usually 50 to 75 % of the memory.`,
    ];
  const quarter = ramBytes / 4;
  return [
    now,
    sharedBuffers > 0.4 * ramBytes
      ? `That is ${formatPercent((100 * sharedBuffers) / ramBytes)} of ${formatBytes(ramBytes)}: more than 40 % leaves too little to the system and to sorts.`
      : sharedBuffers >= 0.9 * quarter
        ? `That is ${formatPercent((100 * sharedBuffers) / ramBytes)} of ${formatBytes(ramBytes)}, as the guide has it (25 %).`
        : `The guide takes 25 % of ${formatBytes(ramBytes)}: ALTER SYSTEM SET shared_buffers = '${inMegabytes(quarter)}'; then RESTART.`,
    `effective_cache_size = ${formatBytes(effectiveCache)}${effectiveCache < 0.5 * ramBytes ? `: ALTER SYSTEM SET effective_cache_size = '${inMegabytes(0.7 * ramBytes)}'; a reload is enough` : ', which fits'}.`,
  ];
}

/**
 * Each sort and each hash of each session may take work_mem (hashes hash_mem_multiplier times as much). The proposal, half
 * of what shared_buffers leave over all connections, is a rule of thumb.
 */
function sorting(capacity: Capacity, ramBytes: number | null): readonly string[] {
  const { workMem, hashMultiplier, tempBytes, countedS, maintenanceMem, autovacuumWorkers } = capacity;
  const connections = capacity.atLeastOnStandby['max_connections'] ?? 0;
  const once = connections * workMem * Math.max(1, hashMultiplier);
  const perDay = countedS === null || countedS < 3600 ? null : (86_400 * tempBytes) / countedS;
  const spilled =
    tempBytes === 0
      ? 'No temporary file was written since the counters began: it is enough.'
      : `${formatBytes(tempBytes)} of temporary files were written since the counters began${perDay === null ? '' : `, ${formatBytes(perDay)} a day`}. log_temp_files = 0 logs which statements do.`;
  const most = `work_mem = ${formatBytes(workMem)}, hashes ${hashMultiplier} times as much. ${spilled}`;
  const all = `One hash of each of ${connections} connections takes ${formatBytes(once)}; a statement may have several.`;
  const maintenance = `maintenance_work_mem = ${formatBytes(maintenanceMem)}; ${autovacuumWorkers} autovacuum workers may take it each.`;
  if (ramBytes === null) return [most, all, maintenance];
  const left = ramBytes - Math.max(capacity.sharedBuffers, ramBytes / 4);
  const thumb = left / 2 / Math.max(1, connections) / Math.max(1, hashMultiplier);
  return [
    most,
    once > left
      ? `${all} That is MORE than the ${formatBytes(left)} beside shared_buffers: fewer connections, or less work_mem.`
      : `${all} It fits into the ${formatBytes(left)} beside shared_buffers.`,
    `By the rule of thumb (half of that, over all connections and hashes) for everybody: ${inMegabytes(thumb)}. More only where it is needed: ALTER ROLE reports SET work_mem = '…'; it needs no restart.`,
    maintenance,
  ];
}

function restarts({ pendingRestart }: Capacity): readonly string[] {
  return [
    'RESTART: shared_buffers, max_connections, max_wal_senders, max_replication_slots, wal_level, huge_pages. Reload: work_mem, effective_cache_size, max_wal_size, maintenance_work_mem.',
    ...(pendingRestart.length === 0
      ? []
      : [`Changed in the file already, and waiting for a restart: ${pendingRestart.join(', ')}.`]),
  ];
}

/** As a setting takes it: whole megabytes, rounded down. */
function inMegabytes(bytes: number): string {
  return `${Math.max(1, Math.floor(bytes / mebi))}MB`;
}
