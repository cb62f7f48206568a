import type { LabServer } from '../lab/server';

/** What an action costs the server, for each time it is done. */
export interface ServerCost {
  /** Executing and planning, in ms. */
  readonly ms: number;
  readonly planningMs: number;
  /** The same as `ms` with the quickest run of each statement. */
  readonly leastMs: number;
  readonly calls: number;
}

/**
 * Does something `times` times and reads from pg_stat_statements what the statements of the role `monitor` took. Nobody
 * else may use the role meanwhile.
 */
export async function serverCost(server: LabServer, times: number, action: () => Promise<void>): Promise<ServerCost> {
  await server.run('SELECT pg_stat_statements_reset()');
  for (let done = 0; done < times; done++) await action();
  const [row] = await server.run<{ ms: number | null; planning: number; least: number; calls: number }>(
    `SELECT sum(total_exec_time + total_plan_time)::float8 AS ms, sum(total_plan_time)::float8 AS planning,
            sum(min_exec_time + min_plan_time)::float8 AS least, sum(calls)::int AS calls
       FROM pg_stat_statements WHERE userid = 'monitor'::regrole`,
  );
  if (!row || row.ms === null) throw new Error('pg_stat_statements has nothing of the role monitor.');
  return { ms: row.ms / times, planningMs: row.planning / times, leastMs: row.least, calls: row.calls / times };
}
