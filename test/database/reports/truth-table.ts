import type { LabServer } from '../../lab/server';

/** The rows of the bloat truth table, each made for real. Autovacuum is off on every table, so that they stay. */
export async function makeTruthTable(server: LabServer, database: string): Promise<void> {
  const run = async (text: string): Promise<unknown> => server.run(text, [], database);
  const off = 'autovacuum_enabled = false';
  const wide = (name: string, options = off): string =>
    `CREATE TABLE ${name} (id bigint, code int, total numeric(12,2), note text) WITH (${options});
     INSERT INTO ${name} SELECT i, i % 1000, i * 1.01, 'order number ' || i FROM generate_series(1, 30000) AS i`;
  await run('CREATE EXTENSION pgstattuple');
  await run(wide('fresh'));
  await run('VACUUM ANALYZE fresh');
  await run(wide('half_deleted'));
  await run('DELETE FROM half_deleted WHERE id % 2 = 0');
  await run('VACUUM ANALYZE half_deleted');
  await run(wide('filled_70', `${off}, fillfactor = 70`));
  await run('VACUUM ANALYZE filled_70');
  await run(`CREATE TABLE padded (a bool, b bigint, c bool, d bigint, e bool, f bigint, g bool, h bigint) WITH (${off});
     INSERT INTO padded SELECT true, i, false, i, true, i, false, i FROM generate_series(1, 30000) AS i`);
  await run('VACUUM ANALYZE padded');
  await run(`CREATE TABLE padded_behind_text (a text, b bigint, c text, d bigint, e text, f bigint) WITH (${off});
     INSERT INTO padded_behind_text SELECT left('abcdefgh', i % 8), i, left('abcdefgh', i % 7), i, left('abcdefgh', i % 5), i
     FROM generate_series(1, 30000) AS i`);
  await run('VACUUM ANALYZE padded_behind_text');
  await run(`CREATE TABLE keys (id int, kind int) WITH (${off});
     INSERT INTO keys SELECT i, i % 10 FROM generate_series(1, 60000) AS i`);
  await run('CREATE INDEX keys_kind ON keys (kind)');
  await run('CREATE INDEX keys_id ON keys (id)');
  await run('VACUUM ANALYZE keys');
  await run(`CREATE TABLE keys_half (id int) WITH (${off}); INSERT INTO keys_half SELECT generate_series(1, 60000)`);
  await run('CREATE INDEX keys_half_id ON keys_half (id)');
  await run('DELETE FROM keys_half WHERE id % 2 = 0');
  await run('VACUUM ANALYZE keys_half');
  await run(wide('never_analyzed'));
  await run(`CREATE TABLE named (n name, i int) WITH (${off});
     INSERT INTO named SELECT 'name ' || i, i FROM generate_series(1, 20000) AS i; CREATE INDEX named_n ON named (n)`);
  await run('VACUUM ANALYZE named');
  await run(`CREATE TABLE tiny (i int) WITH (${off}); INSERT INTO tiny VALUES (1)`);
  await run('VACUUM ANALYZE tiny');
  await run(wide('stale'));
  await run('VACUUM ANALYZE stale');
  await run('UPDATE stale SET code = code + 1 WHERE id <= 20000');
  await run(`CREATE TABLE nulls (a int, b bigint, c int, d int, e int, f int, g int, h int, i int, j int) WITH (${off});
     INSERT INTO nulls SELECT i, i, NULL, NULL, NULL, NULL, NULL, i, NULL, i FROM generate_series(1, 30000) AS i`);
  await run('VACUUM ANALYZE nulls');
  await run(`CREATE TABLE toasted (id int, body text) WITH (${off});
     ALTER TABLE toasted ALTER COLUMN body SET STORAGE EXTERNAL;
     INSERT INTO toasted SELECT i, repeat('x', 5000) FROM generate_series(1, 3000) AS i`);
  await run('VACUUM ANALYZE toasted');
}

/** Dead rows that VACUUM may not remove, for as long as the returned holder stands. */
export async function holdBack(
  server: LabServer,
  database: string,
): Promise<{ pid: number; release(): Promise<void> }> {
  const run = async (text: string): Promise<unknown> => server.run(text, [], database);
  await run(`CREATE TABLE held (id bigint, code int, total numeric(12,2), note text) WITH (autovacuum_enabled = false);
     INSERT INTO held SELECT i, i % 1000, i * 1.01, 'order number ' || i FROM generate_series(1, 30000) AS i`);
  await run('VACUUM ANALYZE held');
  const holder = await server.connect({ database, applicationName: 'report "export"' });
  await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM held');
  const { rows } = await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await run('DELETE FROM held WHERE id % 2 = 0');
  await run('VACUUM ANALYZE held');
  return { pid: rows[0]?.pid ?? 0, release: async () => holder.end() };
}
