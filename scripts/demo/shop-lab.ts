import { readFileSync } from 'node:fs';
import path from 'node:path';
import { startLab, labPassword, type Lab } from '../../test/lab/lab';
import { sampleWorkspace } from './sample-workspace';

/** The role of the application; it owns the database of the same name. */
export const shopRole = 'shop';
/** What an operator's own role usually may: see everything, signal sessions of others, read tables' statistics. */
export const operatorRole = 'dbops';
export const shopDatabase = { database: 'shop', user: shopRole } as const;

/** The migrations of the sample workspace that the database has seen; the others wait. */
const applied = [
  'V1__create_customers_and_products.sql',
  'V2__create_orders.sql',
  'V3__add_order_note.sql',
  'R__order_totals.sql',
];

/** A primary and two standbys with the shop's database, filled. Takes about 8 s. */
export async function startShopLab(): Promise<Lab> {
  const lab = await startLab({
    standbys: 2,
    settings: {
      min_wal_size: '32MB',
      max_wal_size: '96MB',
      max_slot_wal_keep_size: '1GB',
      track_io_timing: 'on',
      log_lock_waits: 'on',
    },
  });
  const { primary } = lab;
  await primary.run(`
    CREATE ROLE ${shopRole} LOGIN PASSWORD '${labPassword}';
    CREATE ROLE reporting;
    CREATE ROLE ${operatorRole} LOGIN PASSWORD '${labPassword}' IN ROLE pg_monitor, pg_signal_backend, pg_read_all_data`);
  await primary.run(`CREATE DATABASE ${shopDatabase.database} OWNER ${shopRole}`);
  await primary.run('CREATE EXTENSION pg_stat_statements; CREATE EXTENSION pgstattuple', [], shopDatabase.database);
  const shop = await primary.connect({ ...shopDatabase, applicationName: 'flyway' });
  for (const script of applied) await shop.query(`BEGIN; ${migration(script)}; COMMIT`);
  await shop.query('CREATE TABLE import_staging (payload text)');
  await shop.end();
  const loader = await primary.connect({ database: shopDatabase.database, applicationName: 'shop-seed' });
  // The rows refer to each other as they should; looking up each reference would take longer than all the rest.
  await loader.query('SET session_replication_role = replica');
  for (const statement of seed) await loader.query(statement);
  await loader.end();
  return lab;
}

function migration(script: string): string {
  const file = path.join(sampleWorkspace, 'src/main/resources/db/migration', script);
  return readFileSync(file, 'utf8').replaceAll('${reporting_role}', 'reporting');
}

/** Enough rows that a missing index is slow, and tables with all that bloat is: free space, and dead rows. */
const seed = [
  `INSERT INTO customers (email, name, created_at)
     SELECT 'customer' || i || '@example.com', 'Customer ' || i, now() - i * interval '11 minutes'
       FROM generate_series(1, 40000) AS i`,
  `INSERT INTO products (sku, title, price)
     SELECT 'SKU-' || i, 'Product ' || i, (5 + i % 200)::numeric FROM generate_series(1, 2000) AS i`,
  'INSERT INTO stock SELECT id, 1000000 FROM products',
  `INSERT INTO orders (customer_id, status, total, created_at)
     SELECT 1 + i * 7919 % 40000, (ARRAY['open', 'paid', 'shipped', 'canceled'])[1 + i % 4], 20 + i % 400,
            now() - i * interval '3 minutes'
       FROM generate_series(1, 120000) AS i`,
  `INSERT INTO order_items SELECT o.id, line, 1 + (o.id * 31 + line) % 2000, 1 + line, 5 + o.id % 200
     FROM orders AS o CROSS JOIN generate_series(1, 2) AS line`,
  'ALTER TABLE cart_events SET (autovacuum_enabled = off)',
  `INSERT INTO cart_events (session_id, event, payload, created_at)
     SELECT md5((i / 8)::text)::uuid, 'added', repeat(md5(i::text), 4), now() - i * interval '2 seconds'
       FROM generate_series(1, 120000) AS i`,
  'DELETE FROM cart_events WHERE id % 5 < 3',
  'VACUUM cart_events',
  'DELETE FROM cart_events WHERE id % 5 = 3',
  'ANALYZE',
];
