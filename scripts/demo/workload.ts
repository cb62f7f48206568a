import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import {
  idleInTransaction,
  lockChain,
  longQuery,
  replayPaused,
  standbyStopped,
  type Fault,
} from '../../test/lab/faults';
import type { Lab } from '../../test/lab/lab';
import type { LabServer } from '../../test/lab/server';
import { shopDatabase } from './shop-lab';

/** What an application does all day, and what goes wrong with it now and then, until it is stopped. */
export class Workload {
  private readonly stopping = new AbortController();
  private readonly activities: Promise<void>[] = [];

  constructor(private readonly lab: Lab) {}

  start(): void {
    for (let instance = 1; instance <= 4; instance++) this.keepDoing('shop-api', 400, 1600, order);
    this.keepDoing('shop-reports', 8_000, 15_000, report);
    this.keepDoing('cart-cleanup', 1_500, 2_500, churnCarts);
    this.keepBreaking(15_000, 75_000, 30_000, () =>
      lockChain(this.lab.primary, { ...shopDatabase, ddl: true, table: 'stock_reservations' }),
    );
    this.keepBreaking(5_000, 60_000, 420_000, () =>
      idleInTransaction(this.lab.primary, { ...shopDatabase, applicationName: 'shop-admin' }),
    );
    this.keepBreaking(60_000, 150_000, 45_000, () => longQuery(this.lab.primary, 45, 'shop-export', shopDatabase));
    this.keepBreaking(40_000, 150_000, 25_000, () => this.pauseReplay());
    this.keepBreaking(100_000, 240_000, 25_000, () => standbyStopped(this.standby(0)));
  }

  /** Ends every activity and takes the faults away. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.activities);
  }

  /** One session that works again and again, with a pause between. It comes back when it is ended. */
  private keepDoing(
    application: string,
    least: number,
    most: number,
    work: (client: pg.Client) => Promise<void>,
  ): void {
    let client: pg.Client | undefined;
    this.begin(async () => {
      client ??= await this.lab.primary.connect({ ...shopDatabase, applicationName: application });
      try {
        await work(client);
      } catch (error) {
        await client.end().catch(() => undefined);
        client = undefined;
        throw error;
      }
      await this.pause(randomInt(least, most));
    });
  }

  /** A fault that is made after `first`, lasts for `lasting` and comes again after `between`, all in ms. */
  private keepBreaking(first: number, between: number, lasting: number, make: () => Promise<Fault>): void {
    let wait = first;
    this.begin(async () => {
      await this.pause(wait);
      wait = between;
      const fault = await make();
      await this.pause(lasting).finally(() => fault.heal());
    });
  }

  /** Replay stands still on the second standby while an import writes 20 MB. */
  private async pauseReplay(): Promise<Fault> {
    const fault = await replayPaused(this.standby(1));
    const importer = await this.lab.primary.connect({ ...shopDatabase, applicationName: 'shop-import' });
    await importer.query(
      'INSERT INTO import_staging SELECT md5(i::text) || md5((-i)::text) FROM generate_series(1, 200000) AS i',
    );
    await importer.query('TRUNCATE import_staging');
    await importer.end();
    return fault;
  }

  private standby(at: number): LabServer {
    const standby = this.lab.standbys[at];
    if (!standby) throw new Error(`The demo needs ${at + 1} standbys.`);
    return standby;
  }

  private begin(work: () => Promise<void>): void {
    this.activities.push(this.untilStopped(work));
  }

  /** Does something again and again. A failure (a session ended, a server down) is part of what is shown. */
  private async untilStopped(work: () => Promise<void>): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await work().catch(() => this.pause(1_000).catch(() => undefined));
    }
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.stopping.signal });
  }
}

async function order(client: pg.Client): Promise<void> {
  const customer = randomInt(1, 40_000);
  const product = randomInt(1, 2_000);
  // There is no index on customer_id: the query of a page that grows slower every week.
  await client.query('SELECT * FROM orders WHERE customer_id = $1 ORDER BY created_at DESC LIMIT 20', [customer]);
  await client.query('BEGIN');
  await client.query('UPDATE stock SET quantity = quantity - 1 WHERE product_id = $1', [product]);
  await client.query(
    `WITH placed AS (INSERT INTO orders (customer_id, total) SELECT $1, price FROM products WHERE id = $2 RETURNING id)
     INSERT INTO order_items SELECT placed.id, 1, products.id, 1, products.price FROM placed, products WHERE products.id = $2`,
    [customer, product],
  );
  await client.query('COMMIT');
}

async function report(client: pg.Client): Promise<void> {
  await client.query(
    `SELECT c.name, count(DISTINCT o.id) AS orders, sum(i.quantity * i.price) AS revenue
       FROM customers c JOIN orders o ON o.customer_id = c.id JOIN order_items i ON i.order_id = o.id
      WHERE lower(c.email) LIKE $1 AND o.status <> 'canceled'
      GROUP BY c.name ORDER BY revenue DESC LIMIT 50`,
    [`%${randomInt(1, 9)}%`],
  );
  await client.query('SELECT * FROM order_totals ORDER BY total DESC LIMIT 10');
}

/** Deletes what a vacuum, off for this table, would make room for. */
async function churnCarts(client: pg.Client): Promise<void> {
  await client.query(
    `INSERT INTO cart_events (session_id, event, payload)
       SELECT gen_random_uuid(), 'added', repeat(md5(i::text), 4) FROM generate_series(1, 50) AS i`,
  );
  await client.query('DELETE FROM cart_events WHERE id IN (SELECT id FROM cart_events ORDER BY random() LIMIT 50)');
}
