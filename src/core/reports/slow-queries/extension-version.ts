/** What a version of the extension pg_stat_statements has; the server's own version does not decide it. */
export interface StatementsFeatures {
  /** 1.8: execution and planning apart (`total_exec_time`); before it `total_time`. */
  readonly executionTimes: boolean;
  /** 1.9: `toplevel`, and the view `pg_stat_statements_info`. */
  readonly topLevel: boolean;
  /** 1.11: `stats_since` and `minmax_stats_since` of each statement. */
  readonly statsSince: boolean;
}

/** The oldest version this report reads; PostgreSQL 12 ships it. */
export const oldestVersion = '1.7';

/** Undefined for a version older than 1.7 or not to be understood. Newer ones are taken for the newest known. */
export function featuresOf(version: string): StatementsFeatures | undefined {
  const found = /^(\d+)\.(\d+)/.exec(version);
  if (!found) return undefined;
  const number = Number(found[1]) * 1000 + Number(found[2]);
  if (number < 1007) return undefined;
  return { executionTimes: number >= 1008, topLevel: number >= 1009, statsSince: number >= 1011 };
}
