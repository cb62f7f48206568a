import { formatBytes } from '../../format/quantities';
import type { ServerSnapshot } from '../../monitor/snapshot';
import { DatabaseError } from '../../ports/database-error';
import { confirmCandidate, confirmedText, type Confirmed } from '../../reports/bloat/confirm';
import type { TableFacts } from '../../reports/bloat/table-rows';
import type { RunbookTools } from '../registry';
import type { StepRun } from '../runbook';
import { tableLabel } from './vacuum-tables';

/** Below this a rewrite does not pay; the guide's limit. In percent of the table. */
export const leastBloat = 30;

/** What stands between a table and its rewrite. */
export type Gate =
  | { readonly kind: 'open'; readonly notes: readonly string[] }
  | { readonly kind: 'refused'; readonly why: string }
  /** The person backed out of the measurement. */
  | { readonly kind: 'backed-out' };

/**
 * The bloat of the table as pgstattuple measures it: the guide's threshold alone, on an estimate, is not enough to lock
 * everybody out. Where it cannot be measured the person is told, and decides by the estimate.
 */
export async function measuredGate(
  facts: TableFacts,
  pageBytes: number,
  { profile, signal }: StepRun,
  { connections, prompts }: RunbookTools,
): Promise<Gate> {
  const { oid, pages, fillfactor } = facts;
  const candidate = { kind: 'table', oid, name: tableLabel(facts), bytes: pages * pageBytes, fillfactor } as const;
  const tools = { connections, profile, prompts, signal, now: Date.now, begin: () => undefined };
  try {
    const confirmed = await confirmCandidate(candidate, tools);
    return confirmed ? judge(confirmed, fillfactor, candidate.name) : { kind: 'backed-out' };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const way = error.remedy === undefined ? '' : ` ${error.remedy}`;
    return { kind: 'open', notes: [`NOT MEASURED, only estimated: ${error.message}${way}`] };
  }
}

function judge(confirmed: Confirmed, fillfactor: number, name: string): Gate {
  if (confirmed.kind !== 'table') return { kind: 'open', notes: [] };
  // What fillfactor keeps free is no bloat.
  const bloat = confirmed.freePercent + confirmed.deadPercent - (100 - fillfactor);
  if (bloat >= leastBloat) return { kind: 'open', notes: [`Measured: ${confirmedText(confirmed)}.`] };
  return {
    kind: 'refused',
    why: `${name} was measured: ${confirmedText(confirmed)}${fillfactor < 100 ? `, of which fillfactor keeps ${100 - fillfactor} %` : ''}. Below ${leastBloat} % a rewrite does not pay.`,
  };
}

/** Free bytes of the disk where a setting or a metric tells them, by their latest reading; null: not known. */
export function freeDiskOf({ signals, watched }: ServerSnapshot): number | null {
  const disk = signals.find(({ about }) => about.id === 'disk');
  if (!watched || !disk || disk.stale || disk.problem !== null) return null;
  const free = disk.findings
    .filter(({ signal }) => signal === 'disk.used')
    .map(({ subject, value }) => {
      const used = disk.findings.find((one) => one.signal === 'disk.bytes' && one.subject === subject)?.value ?? null;
      return used === null || value === null || value <= 0 ? null : Math.max(0, used / value - used);
    });
  // Of several disks it is not known on which the table lies: the least counts.
  return free.length === 0 || free.includes(null) ? null : Math.min(...free.map((bytes) => bytes ?? 0));
}

/** What the question says of the disk. */
export function diskNote(neededBytes: number, freeBytes: number | null): string {
  const needed = `It needs room for a whole copy, up to ${formatBytes(neededBytes)}, and as much WAL.`;
  return freeBytes === null
    ? `${needed} How much is free on the disk is not visible in SQL: look before.`
    : `${needed} Free on the disk, by its latest reading: ${formatBytes(freeBytes)}.`;
}
