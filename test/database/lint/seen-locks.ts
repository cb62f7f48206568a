import type pg from 'pg';

/** What a statement was seen to do: the locks it holds on tables and views, and what got a new file. */
export interface SeenImpact {
  /** `t:AccessExclusive+Share`, without ACCESS SHARE; sorted. */
  readonly locks: string[];
  readonly rewritten: string[];
}

const files = `SELECT c.relname, c.relfilenode::text AS file FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'public' AND c.relkind IN ('r', 'i', 'm', 'p')`;

const locks = `SELECT c.relname, string_agg(DISTINCT replace(l.mode, 'Lock', ''), '+' ORDER BY replace(l.mode, 'Lock', '')) AS modes
  FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE l.pid = pg_backend_pid() AND n.nspname = 'public' AND l.mode <> 'AccessShareLock' AND c.relkind IN ('r', 'p', 'v', 'm')
  GROUP BY c.relname`;

/** Runs a script in a transaction of its own that is taken back. */
export async function seenImpact(client: pg.Client, script: string): Promise<SeenImpact> {
  const read = async (): Promise<Map<string, string>> =>
    new Map(
      (await client.query<{ relname: string; file: string }>(files)).rows.map(({ relname, file }) => [relname, file]),
    );
  const before = await read();
  await client.query('BEGIN');
  try {
    await client.query(script);
    const held = await client.query<{ relname: string; modes: string }>(locks);
    const after = await read();
    return {
      locks: held.rows.map(({ relname, modes }) => `${relname}:${modes}`).sort(),
      rewritten: [...before]
        .flatMap(([name, file]) => (after.has(name) && after.get(name) !== file ? [name] : []))
        .sort(),
    };
  } finally {
    await client.query('ROLLBACK');
  }
}
