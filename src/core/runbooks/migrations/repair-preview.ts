import type { MigrationInfo } from '../../flyway/history-states';

/** What `flyway repair` would do to the history, row by row; nothing of it is done here. */
export interface RepairPreview {
  /** Rows that it removes: their migrations run AGAIN. */
  readonly removed: readonly string[];
  /** Applied, and their scripts are gone: it marks them as deleted. */
  readonly markedDeleted: readonly string[];
  /** Edited after they ran: it takes the new checksum, though what ran was another text. */
  readonly realigned: readonly string[];
}

/** By the states as Flyway finds them; scripts of this workspace, which may not be those that are deployed. */
export function repairPreview(states: readonly MigrationInfo[]): RepairPreview {
  const name = ({ row }: MigrationInfo): string =>
    row === undefined ? '' : `${row.version === null ? '' : `V${row.version} `}${row.script}`.trim();
  const rows = states.filter(({ row }) => row !== undefined);
  return {
    removed: rows.filter(({ row }) => row?.success === false).map(name),
    markedDeleted: rows.filter(({ state, row }) => state === 'Missing' && row?.success === true).map(name),
    realigned: rows.filter(({ edited, row }) => edited && row?.success === true).map(name),
  };
}
