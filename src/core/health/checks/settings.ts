import { flag, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import { tiers, type CheckDefinition } from '../check';
import { nothingFound, stated } from '../finding';

export interface Setting {
  readonly name: string;
  readonly setting: string;
  readonly unit: string | null;
  /** `postmaster`: only a restart changes it. */
  readonly context: string;
  /** Changed in the file, and the server was not restarted yet. */
  readonly pending: boolean;
}

interface Wish {
  readonly value: string;
  readonly why: string;
  readonly fits: (setting: string) => boolean;
}

const isOn = (setting: string): boolean => setting === 'on';
const isNotOff = (setting: string): boolean => !['', 'off', 'false', 'no', '0'].includes(setting);
const between = (least: number, most: number) => (setting: string) =>
  Number(setting) >= least && Number(setting) <= most;

/** What the operations guide asks for. */
const wishes: Readonly<Record<string, Wish>> = {
  log_min_duration_statement: {
    value: '1000',
    why: 'statements that take a second or more are logged with their text',
    fits: between(0, 1000),
  },
  log_lock_waits: { value: 'on', why: 'waits for a lock longer than deadlock_timeout are logged', fits: isOn },
  // From 18 on a list of events, where an empty one is "off".
  log_connections: { value: 'on', why: 'attempts to connect are logged', fits: isNotOff },
  log_disconnections: { value: 'on', why: 'the ends of sessions are logged with their duration', fits: isOn },
  wal_level: {
    value: 'replica',
    why: 'standbys and archiving need it',
    fits: (setting) => setting === 'replica' || setting === 'logical',
  },
  archive_mode: { value: 'on', why: 'a restore to a point in time needs the archived WAL', fits: isNotOff },
  archive_timeout: {
    value: '900',
    why: 'the RPO of 15 minutes holds only when a segment is archived at least that often; the guide names the RPO and forgets the setting',
    fits: between(1, 900),
  },
};

/** Names and values are no secret. 12 to 18. */
export const settingsStatement: Statement<Setting> = {
  name: 'settings',
  text: `
SELECT c.name, c.setting, c.unit, c.context, c.pending_restart AS pending
FROM pg_catalog.pg_settings AS c WHERE c.name = ANY ($1::text[]) ORDER BY c.name`,
  values: [Object.keys(wishes)],
  row: (raw: RawRow) => ({
    name: text(raw, 'name'),
    setting: text(raw, 'setting'),
    unit: textOrNull(raw, 'unit'),
    context: text(raw, 'context'),
    pending: flag(raw, 'pending'),
  }),
};

export const settings: CheckDefinition<Setting> = {
  id: 'settings',
  group: 'maintenance',
  title: 'Settings the guide asks for',
  explanation: 'Logs and archives that are missing in an incident cannot be had afterwards.',
  runbook: 'backup',
  tierMs: tiers.quarter,
  read: (query) => query(settingsStatement),
  evaluate: ({ now: { rows } }) => {
    const found = rows.flatMap((row) => {
      const wish = wishes[row.name];
      if (!wish || wish.fits(row.setting)) return [];
      const restart = row.context === 'postmaster';
      const after = restart ? '-- then RESTART the server' : 'SELECT pg_reload_conf();';
      return [
        stated('settings.differs', row.name, 'hint', {
          words: `${row.name} is ${shown(row)}; the guide asks for ${wish.value}`,
          lines: [
            `With it ${wish.why}.`,
            restart ? 'It takes a RESTART of the server.' : 'A reload is enough.',
            ...(row.context.endsWith('backend')
              ? ['A session that is open does not see it change: reconnect to read it anew.']
              : []),
            ...(row.pending ? ['It was changed in the file already and waits for the restart.'] : []),
            'A managed service has it among its parameters instead.',
          ],
          change: `ALTER SYSTEM SET ${row.name} = '${wish.value}'; ${after}`,
        }),
      ];
    });
    return found.length > 0 ? found : [nothingFound('settings.differs', 'settings are as the guide asks')];
  },
};

function shown({ name, setting, unit }: Setting): string {
  if (name === 'log_min_duration_statement' && setting === '-1') return 'off';
  if (setting === '') return 'off';
  return unit === null || setting === '0' ? setting : `${setting} ${unit}`;
}
