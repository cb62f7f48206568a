import type { HistoryRow, MigrationInfo, MigrationState, ResolvedScript } from '../../flyway/history-states';

/** What `flyway repair` would do to one row of the history; nothing of it is done here. */
export interface RepairStep {
  readonly row: HistoryRow;
  /**
   * `remove`: a failed row, whose migration runs AGAIN. `mark-deleted`: its script is gone; a row of type DELETE is added,
   * and where the script comes back it runs AGAIN. `realign`: it takes over what the script says now, though what ran was
   * another.
   */
  readonly does: 'remove' | 'mark-deleted' | 'realign';
  /** What changes, e.g. "checksum 22 to 99". */
  readonly changes: readonly string[];
}

/** Flyway's default: what a newer release has applied is passed over. */
const defaultPatterns: readonly string[] = ['*:future'];

/** Written by Flyway itself, not by a script. */
const synthetic: ReadonlySet<string> = new Set(['SCHEMA', 'BASELINE', 'DELETE']);

/**
 * Row by row, in Flyway's order: failed rows go first, then missing ones are marked, then the rest is aligned. By the
 * scripts of this workspace, which may not be those that are deployed.
 */
export function repairPreview(
  states: readonly MigrationInfo[],
  patterns: readonly string[] = defaultPatterns,
): readonly RepairStep[] {
  const rows = states.flatMap((info) => (info.row ? [{ ...info, row: info.row }] : []));
  const removed = rows
    .filter(({ row }) => !row.success)
    .map(({ row }): RepairStep => ({ row, does: 'remove', changes: [] }));
  const kept = rows.filter(({ row }) => row.success && !synthetic.has(row.type));
  const marked = kept
    .filter(({ row, state }) => (state === 'Missing' || state === 'Future') && !isIgnored(patterns, row, state))
    .map(({ row }): RepairStep => ({ row, does: 'mark-deleted', changes: [] }));
  const realigned = kept.flatMap(({ row, script, state }): RepairStep[] => {
    const changes = script && state !== 'Deleted' ? differences(row, script) : [];
    return changes.length === 0 ? [] : [{ row, does: 'realign', changes }];
  });
  return [...removed, ...marked, ...realigned];
}

/** As Flyway's validate patterns: `type:status`, each of them `*` or a name, in any case. */
function isIgnored(patterns: readonly string[], { version }: HistoryRow, state: MigrationState): boolean {
  const type = version === null ? 'repeatable' : 'versioned';
  return patterns.some((pattern) => {
    const [left = '', right = ''] = pattern.toLowerCase().split(':', 2);
    return (left === '*' || left === type) && (right === '*' || right === state.toLowerCase());
  });
}

function differences(row: HistoryRow, { checksums, meaning, path }: ResolvedScript): readonly string[] {
  if (meaning.kind === 'repeatable') {
    // A repeatable one is realigned only where its text without placeholders is what ran.
    const [raw, replaced] = checksums;
    return replaced !== undefined && row.checksum === raw && raw !== replaced
      ? [`checksum ${row.checksum} to ${replaced}`]
      : [];
  }
  if (meaning.kind !== 'versioned' && meaning.kind !== 'undo' && meaning.kind !== 'baseline') return [];
  const type = { versioned: 'SQL', undo: 'UNDO_SQL', baseline: 'SQL_BASELINE' }[meaning.kind];
  const [checksum] = checksums;
  return [
    ...(row.checksum !== null && checksum !== undefined && !checksums.includes(row.checksum)
      ? [`checksum ${row.checksum} to ${checksum}`]
      : []),
    ...(row.description === meaning.description
      ? []
      : [`description "${row.description}" to "${meaning.description}"`]),
    ...(path.toLowerCase().endsWith('.sql') && row.type !== type ? [`type ${row.type} to ${type}`] : []),
  ];
}
