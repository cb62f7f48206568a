import { formatInteger } from '../../format/numbers';
import { formatDuration } from '../../format/quantities';
import { flag, number, numberOrNull, text, textOrNull, type RawRow } from '../../ports/row';
import type { Statement } from '../../ports/session';
import type { Notice, Section } from '../document';

/** Something that keeps VACUUM from removing dead rows. */
export interface HorizonHolder {
  readonly kind: 'xact' | 'slot' | 'prepared' | 'standby';
  /** A pid, the name of a slot, the name of a prepared transaction or a standby's application name. */
  readonly id: string;
  /** In transactions; rows deleted since cannot be removed. */
  readonly age: number;
  /** Since the transaction began, in seconds; null where it has no such time. */
  readonly openS: number | null;
  readonly detail: string | null;
  /** Nobody is at work there: it stands until a person ends it. */
  readonly abandoned: boolean;
}

const mostHolders = 20;

/**
 * The xmin horizon of this database, oldest first: transactions of others, and a VACUUM that runs, hold nothing back here. A role that sees no other sessions misses theirs.
 */
export const horizonStatement: Statement<HorizonHolder> = {
  name: 'who holds back vacuum',
  text: `
SELECT holder.kind, holder.id, holder.age::float8 AS age, holder.open_s, holder.detail, holder.abandoned FROM (
  SELECT 'xact' AS kind, a.pid::text AS id, greatest(age(a.backend_xmin), age(a.backend_xid)) AS age,
    extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS open_s,
    concat_ws(' · ', a.usename, a.datname, nullif(a.application_name, ''), a.state, CASE WHEN a.backend_type <> 'client backend' THEN a.backend_type END) AS detail, false AS abandoned
  FROM pg_catalog.pg_stat_activity AS a
  WHERE (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL) AND a.pid <> pg_catalog.pg_backend_pid()
    AND a.backend_type <> 'walsender'
    AND (a.datid IS NULL OR a.datname = current_database())
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum AS v WHERE v.pid = a.pid)
  UNION ALL SELECT 'slot', s.slot_name::text, greatest(age(s.xmin), age(s.catalog_xmin)), NULL,
    concat_ws(' · ', s.slot_type, CASE WHEN s.active THEN 'active' ELSE 'not active' END,
      CASE WHEN s.xmin IS NULL THEN 'catalog tables only' END), NOT s.active
  FROM pg_catalog.pg_replication_slots AS s WHERE s.xmin IS NOT NULL OR s.catalog_xmin IS NOT NULL
  UNION ALL SELECT 'prepared', p.gid, age(p.transaction), extract(epoch FROM clock_timestamp() - p.prepared)::float8,
    concat_ws(' · ', p.owner, p.database), true
  FROM pg_catalog.pg_prepared_xacts AS p WHERE p.database = current_database()
  UNION ALL SELECT 'standby', coalesce(nullif(r.application_name, ''), r.pid::text), age(r.backend_xmin), NULL,
    'a query on the standby, by hot_standby_feedback', false
  FROM pg_catalog.pg_stat_replication AS r WHERE r.backend_xmin IS NOT NULL) AS holder
ORDER BY 3 DESC NULLS LAST LIMIT ${mostHolders}`,
  row: (raw: RawRow) => ({
    kind: kindOf(text(raw, 'kind')),
    id: text(raw, 'id'),
    age: number(raw, 'age'),
    openS: numberOrNull(raw, 'open_s'),
    detail: textOrNull(raw, 'detail'),
    abandoned: flag(raw, 'abandoned'),
  }),
};

function kindOf(kind: string): HorizonHolder['kind'] {
  return kind === 'slot' || kind === 'prepared' || kind === 'standby' ? kind : 'xact';
}

/** A transaction open this long, in s, or a horizon this far back, in transactions, is worth a warning. */
const longOpenS = 300;
const farBack = 100_000;

/** It stands for long, or until a person ends it. */
export function isSeriousHolder({ age, openS, abandoned }: HorizonHolder): boolean {
  return age >= farBack || (openS ?? 0) >= longOpenS || abandoned;
}

const kindWords = {
  xact: 'Session',
  slot: 'Replication slot',
  prepared: 'Prepared transaction',
  standby: 'Standby',
} as const;

/** What ends it. */
export const wayOut = {
  xact: 'End its transaction: the Lock Contention runbook or its application can.',
  slot: 'Let its consumer catch up, or drop the slot if nobody needs it any more.',
  prepared: 'Its owner ends it with COMMIT PREPARED or ROLLBACK PREPARED.',
  standby: 'End the long query on the standby.',
} as const;

/** "Session 4242 (orders-api · idle in transaction)". */
export function nameHolder(holder: HorizonHolder): string {
  return `${kindWords[holder.kind]} ${holder.id}${holder.detail === null || holder.detail === '' ? '' : ` (${holder.detail})`}`;
}

/** Whether VACUUM can remove what was deleted, said first of all. */
export function horizonNotice(holders: readonly HorizonHolder[], seesAll: boolean): Notice {
  const oldest = holders[0];
  const unseen = seesAll ? '' : ' This role does not see the transactions of others: they may hold it back too.';
  if (!oldest || oldest.age === 0) {
    return seesAll
      ? {
          id: 'horizon',
          level: 'info',
          title: 'Nothing holds VACUUM back',
          text: 'It can remove every row that is dead now.',
        }
      : { id: 'horizon', level: 'limited', title: 'Who holds VACUUM back is not fully seen', text: unseen.trim() };
  }
  const open = oldest.openS === null ? '' : `, open for ${formatDuration(oldest.openS)}`;
  return {
    id: 'horizon',
    level: isSeriousHolder(oldest) ? 'warning' : 'info',
    title: `VACUUM is held back by ${lowerFirst(nameHolder(oldest))}`,
    text: `${formatInteger(oldest.age)} transactions back${open}. Rows deleted since then stay dead, whatever VACUUM does. ${wayOut[oldest.kind]}${unseen}`,
  };
}

/** All holders, when there is more than the one of the notice. */
export function horizonSection(holders: readonly HorizonHolder[]): Section[] {
  if (holders.length < 2) return [];
  return [
    {
      id: 'horizon',
      title: 'Who holds back VACUUM',
      caption: 'Who holds back VACUUM, the oldest first',
      columns: [
        { id: 'holder', title: 'Holder', align: 'start', firstSort: 'ascending', wide: true },
        { id: 'age', title: 'Transactions back', align: 'end', firstSort: 'descending' },
        { id: 'open', title: 'Open for', align: 'end', firstSort: 'descending' },
      ],
      rows: holders.map((holder, at) => ({
        key: `${holder.kind}/${holder.id}/${at}`,
        cells: [
          { text: nameHolder(holder), value: nameHolder(holder) },
          { text: formatInteger(holder.age), value: holder.age },
          holder.openS === null
            ? { text: '–', value: null, tone: 'muted' as const }
            : { text: formatDuration(holder.openS), value: holder.openS },
        ],
      })),
      sort: null,
      empty: '',
    },
  ];
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
