import { number, numberOrNull, text, type RawRow } from '../../ports/row';
import type { Session, Statement } from '../../ports/session';
import { askOthers } from '../other-servers';
import type { RunbookTools } from '../registry';
import type { StepRun } from '../runbook';

/** What a server of the cluster says of certain indexes: each counts its own scans alone. */
interface Scans {
  readonly systemIdentifier: string;
  readonly inRecovery: boolean;
  readonly database: string;
  readonly statisticsS: number;
  /** By schema and name. */
  readonly scans: ReadonlyMap<string, number>;
}

/** The scans of indexes by `schema.name`. 12 to 18, on a primary and on a standby. */
function scansStatement(names: readonly string[]): Statement<Scans> {
  return {
    name: 'scans of indexes',
    text: `
SELECT (SELECT s.system_identifier::text FROM pg_catalog.pg_control_system() AS s) AS system_identifier,
  pg_catalog.pg_is_in_recovery() AS in_recovery, current_database()::text AS datname,
  extract(epoch FROM clock_timestamp() - greatest((SELECT d.stats_reset FROM pg_catalog.pg_stat_database AS d
    WHERE d.datname = current_database()), pg_catalog.pg_postmaster_start_time()))::float8 AS statistics_s,
  (SELECT coalesce(json_agg(json_build_object('name', i.schemaname || '.' || i.indexrelname, 'scans', i.idx_scan)), '[]')
    FROM pg_catalog.pg_stat_all_indexes AS i WHERE i.schemaname || '.' || i.indexrelname = ANY ($1::text[]))::text AS scans`,
    values: [names],
    row: (raw: RawRow) => {
      const scans = JSON.parse(text(raw, 'scans')) as readonly { readonly name: string; readonly scans: unknown }[];
      return {
        systemIdentifier: text(raw, 'system_identifier'),
        inRecovery: raw['in_recovery'] === true,
        database: text(raw, 'datname'),
        statisticsS: numberOrNull(raw, 'statistics_s') ?? 0,
        scans: new Map(scans.map((one) => [one.name, number({ scans: one.scans }, 'scans')])),
      };
    },
  };
}

/** A standby that was asked: how often it has used each index, and how long it has counted. */
export interface StandbyScans {
  readonly connection: string;
  readonly statisticsS: number;
  readonly scans: ReadonlyMap<string, number>;
}

/** Asks every saved connection that leads to this database on a standby of the same cluster. */
export async function scansOnStandbys(
  { session, signal, profile }: Pick<StepRun, 'session' | 'signal' | 'profile'>,
  names: readonly string[],
  { connections }: Pick<RunbookTools, 'connections'>,
): Promise<readonly StandbyScans[]> {
  if (names.length === 0) return [];
  const read = async (from: Session, abort: AbortSignal): Promise<Scans> => {
    const [row] = await from.read(scansStatement(names), abort);
    if (!row) throw new Error('It told nothing of its indexes.');
    return row;
  };
  const own = await read(session, signal);
  const others = await askOthers(connections, profile.id, read, signal);
  return others.flatMap(({ profile: { name }, answer }): StandbyScans[] =>
    answer?.inRecovery === true && answer.systemIdentifier === own.systemIdentifier && answer.database === own.database
      ? [{ connection: name, statisticsS: answer.statisticsS, scans: answer.scans }]
      : [],
  );
}

/** The standbys that use an index, as "replica (12 scans)". */
export function usersOf(index: string, standbys: readonly StandbyScans[]): readonly string[] {
  return standbys.flatMap(({ connection, scans }) => {
    const count = scans.get(index) ?? 0;
    return count > 0 ? [`${connection} (${count} scans)`] : [];
  });
}
