import { flag, flagOrNull, number, type RawRow } from '../../ports/row';
import type { GuardedAction } from '../guarded-action';
import { statementAction } from '../statement-action';

interface SlotsNow {
  readonly taken: boolean;
  readonly slots: number;
  readonly most: number;
  readonly inRecovery: boolean;
  readonly walLevelFits: boolean;
  /** 13+: max_slot_wal_keep_size is set; null before. */
  readonly limited: boolean | null;
  readonly may: boolean;
}

const createText = `SELECT s.slot_name::text AS name
FROM pg_catalog.pg_create_physical_replication_slot($1) AS s`;

/** Text of the action for the cell. */
export const createSlotSql = createText;

/** What is wrong with a name of a slot; undefined when the server takes it. */
export function slotNameProblem(name: string): string | undefined {
  if (!/^[a-z0-9_]*$/.test(name)) return 'Only small letters, digits and underscores.';
  return name.length >= 1 && name.length <= 63 ? undefined : 'Between 1 and 63 characters.';
}

/**
 * Makes a physical slot. It keeps nothing before it is used: `pg_basebackup -X stream -S` streams with it from the first moment
 * of the backup. One that reserves at once would fill the disk, and count as a lost standby, while nobody builds it.
 */
export function createSlot(name: string): GuardedAction {
  return statementAction<SlotsNow>({
    name: `create physical replication slot ${name}`,
    question: `Create the physical replication slot ${name}`,
    button: 'Create Slot',
    whether: `the slot ${name} was made`,
    readAgain: 'Read the replicas again.',
    gone: 'The server told nothing of its slots.',
    preflight: {
      name: 'slots before the action',
      text: `
SELECT EXISTS (SELECT FROM pg_catalog.pg_replication_slots AS s WHERE s.slot_name = $1) AS taken,
  (SELECT count(*) FROM pg_catalog.pg_replication_slots)::int AS slots, current_setting('max_replication_slots')::int AS most,
  pg_catalog.pg_is_in_recovery() AS in_recovery, current_setting('wal_level') <> 'minimal' AS wal_level_fits,
  current_setting('max_slot_wal_keep_size', true) <> '-1' AS is_limited,
  (SELECT r.rolsuper OR r.rolreplication FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user) AS may`,
      values: [name],
      row: (raw: RawRow) => ({
        taken: flag(raw, 'taken'),
        slots: number(raw, 'slots'),
        most: number(raw, 'most'),
        inRecovery: flag(raw, 'in_recovery'),
        walLevelFits: flag(raw, 'wal_level_fits'),
        limited: flagOrNull(raw, 'is_limited'),
        may: flag(raw, 'may'),
      }),
    },
    refusal: ({ taken, slots, most, walLevelFits, may }) => {
      if (taken) return `There is a slot ${name} already.`;
      if (!walLevelFits) return 'wal_level is minimal: slots need replica or logical, and a restart.';
      if (slots >= most)
        return `All ${most} slots are taken. Drop one that nobody needs, or raise max_replication_slots, which needs a restart.`;
      return may ? undefined : 'This role may not make replication slots: it takes REPLICATION or a superuser.';
    },
    describe: ({ slots, most, inRecovery, limited }) => [
      `It is the ${slots + 1}. of ${most} slots. It keeps WAL from its first use on: pg_basebackup -X stream -S uses it from the first moment of the backup.`,
      ...(inRecovery ? ['This server is a standby: the new replica would follow it, not the primary.'] : []),
      limited === true
        ? 'max_slot_wal_keep_size limits what it keeps.'
        : limited === false
          ? 'NOTHING limits what it keeps but the disk (max_slot_wal_keep_size is -1).'
          : 'Nothing limits what it keeps but the disk (limits came with PostgreSQL 13).',
    ],
    risk: 'small now. Once it was used, WAL piles up on this server whenever its standby is away: drop it when the replica is not built after all.',
    frozen: ({ taken, inRecovery, limited }) => ({ taken, inRecovery, limited }),
    statement: () => ({ name: 'create replication slot', text: createText, values: [name], row: () => true }),
    done: `The slot ${name} is made. Take the base backup with it next.`,
  });
}
