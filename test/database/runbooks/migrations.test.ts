import assert from 'node:assert/strict';
import { scanFileName } from '../../../src/core/flyway/file-name';
import type { ProjectScripts } from '../../../src/core/flyway/resolve-scripts';
import { plainText } from '../../../src/core/runbooks/markdown';
import { backendPid, lockWaiters, until, type Fault } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { testedMajors } from '../../lab/shared-lab';
import { profileOf } from '../support/monitor';
import { RunbookBench } from '../support/runbook';

const historyTable = `CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200) NOT NULL,
  type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum int, installed_by varchar(100) NOT NULL DEFAULT 'flyway',
  installed_on timestamp NOT NULL DEFAULT now(), execution_time int NOT NULL DEFAULT 1, success boolean NOT NULL);
  INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum, success) VALUES
  (1, '1', 'base', 'SQL', 'V1__base.sql', 11, true), (2, '2', 'orders', 'SQL', 'V2__orders.sql', 22, true),
  (3, '3', 'gone', 'SQL', 'V3__gone.sql', 33, true)`;

const script = (name: string, checksum: number): ProjectScripts['scripts'][number] => ({
  path: `/shop/${name}`,
  meaning: scanFileName(name),
  checksums: [checksum],
  shouldExecute: true,
});

for (const major of testedMajors) {
  describe(`the migration runbooks on PostgreSQL ${major}`, function () {
    this.timeout(60_000);
    let lab: Lab;
    let bench: RunbookBench;
    let faults: Fault[] = [];
    before(async () => {
      lab = await startLab({ major });
      bench = new RunbookBench([
        profileOf(lab.primary, 'shop', { user: 'postgres' }),
        profileOf(lab.primary, 'monitor', { user: 'monitor' }),
      ]);
    });
    beforeEach(async () => {
      await lab.primary.run(`DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO PUBLIC`);
      await lab.primary.run(historyTable);
      await lab.primary.run('CREATE TABLE orders (id int, n int); INSERT INTO orders VALUES (1, 1), (1, 2)');
      bench.scripts = [];
    });
    afterEach(async () => {
      await Promise.all(faults.map((fault) => fault.heal()));
      faults = [];
    });
    after(async () => {
      await bench.close();
      await lab.stop();
    });

    /** A unique index that cannot be: it stays behind invalid, and Flyway writes a failed row. */
    async function halfApplied(index = 'orders_key'): Promise<void> {
      await assert.rejects(
        lab.primary.run(`CREATE UNIQUE INDEX CONCURRENTLY "${index.replaceAll('"', '""')}" ON orders (id)`),
      );
      await lab.primary
        .run(`INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum, success)
        VALUES (4, '4', 'key', 'SQL', 'V4__key.sql', 44, false)`);
    }
    const history = (): Promise<Record<string, unknown>[]> =>
      lab.primary.run('SELECT * FROM flyway_schema_history ORDER BY 1');
    const indexes = async (): Promise<number> =>
      (await lab.primary.run("SELECT 1 FROM pg_index WHERE indrelid = 'orders'::regclass")).length;

    it('finds what is half-applied, drops it, tells what repair would do, and never writes the history', async () => {
      await halfApplied('orders "key"; --');
      bench.scripts = [
        {
          folder: '/shop',
          table: 'flyway_schema_history',
          outOfOrder: false,
          target: undefined,
          scripts: [
            script('V1__base.sql', 11),
            script('V2__orders.sql', 99),
            script('V4__key.sql', 44),
            script('U2__orders.sql', 1),
          ],
        },
      ];
      const written = await history();
      const book = await bench.open('migration-rollback');
      const verdict = await bench.diagnose(book, 'shop');
      const said = plainText(verdict.markdown);
      assert.match(said, /^Migration V4__key\.sql FAILED and is half-applied \(rank 4 of public/);
      assert.match(
        said,
        /The index public\.orders "key"; -- on orders is invalid[^]*Also found.*\n\n- 1 script was edited after running: V2__orders\.sql.*\n- 1 applied migration has no script.*V3__gone/,
      );
      assert.equal(verdict.next, 'drop-index');
      const { markdown } = await bench.run(book, 'history', 'shop');
      assert.match(markdown, /\| 4 \| 4 \| `V4__key\.sql` \| SQL \| \*\*FAILED\*\*/);
      assert.match(markdown, /\| 2 \| 2 \| `V2__orders\.sql` \| SQL \| Success · \*\*edited since\*\*/);
      assert.match(markdown, /\| 3 \| 3 \| `V3__gone\.sql` \| SQL \| Missing/);
      const repair = (await bench.run(book, 'repair', 'shop')).markdown;
      assert.match(repair, /\| 4 \| 4 \| `V4__key\.sql` \| SQL \| \*\*removes the row:\*\* the migration runs AGAIN/);
      assert.match(repair, /\| 3 \| 3 \| `V3__gone\.sql` \| SQL \| \*\*marks it as deleted:/);
      assert.match(repair, /\| 2 \| 2 \| `V2__orders\.sql` \| SQL \| takes over: checksum 22 to 99 \|/);
      assert.match(
        (await bench.run(book, 'options', 'shop')).markdown,
        /1\. \*\*Roll back the application[^]*5\. \*\*`flyway repair`/,
      );

      bench.prompts.script('public.orders "key"', true);
      const act = await bench.run(book, 'drop-index', 'shop');
      assert.match(act.markdown, /^\*\*Done\.\*\*[^]*DROP INDEX CONCURRENTLY "public"\."orders ""key""; --"/);
      assert.equal(await indexes(), 0);
      const verify = await bench.run(book, 'verify', 'shop');
      assert.ok(verify.failed, 'the failed row is still there: repair is for a person');
      assert.match(verify.markdown, /Invalid indexes \| 1 \| 0 \| good/);
      assert.deepEqual(await history(), written);
      await lab.primary.run('DELETE FROM flyway_schema_history WHERE NOT success');
      assert.match((await bench.run(book, 'verify', 'shop')).markdown, /Good again/);
    });

    it('reviews the history: what never runs, what waits, and that repair would change nothing', async () => {
      const scripts = [
        script('V1__base.sql', 11),
        script('V2__orders.sql', 22),
        script('V2.5__late.sql', 1),
        script('V3__gone.sql', 33),
        script('V4__next.sql', 1),
      ];
      const project = {
        folder: '/shop',
        table: 'flyway_schema_history',
        outOfOrder: false,
        target: undefined,
        scripts,
      };
      bench.scripts = [project];
      const written = await history();
      const book = await bench.open('migration-review');
      const verdict = plainText((await bench.diagnose(book, 'shop')).markdown);
      assert.match(
        verdict,
        /^1 script is passed over: V2\.5__late\.sql[^]*1 script waits for the next migrate: V4__next\.sql/,
      );
      assert.match((await bench.run(book, 'repair', 'shop')).markdown, /repair would change \*\*nothing\*\*/);
      assert.match((await bench.run(book, 'review', 'shop')).markdown, /\| Success \| 3 \|/);
      assert.ok((await bench.run(book, 'verify', 'shop')).failed);
      bench.scripts = [{ ...project, scripts: scripts.filter(({ path }) => !path.includes('late')) }];
      assert.ok(!(await bench.run(book, 'verify', 'shop')).failed);
      assert.match((await bench.diagnose(book, 'monitor')).markdown, /hidden from this role/);
      assert.deepEqual(await history(), written);
    });

    it('validates a constraint that was left open, and says why it cannot where a row breaks it', async () => {
      await lab.primary.run('ALTER TABLE orders ADD CONSTRAINT "n > 0" CHECK (n > 1) NOT VALID');
      const book = await bench.open('migration-rollback');
      const verdict = await bench.diagnose(book, 'shop');
      assert.match(verdict.markdown, /^\*\*1 constraint is NOT VALID: n &gt; 0 on public/);
      assert.equal(verdict.next, 'validate');
      bench.prompts.script('n > 0', true);
      const refused = await bench.run(book, 'validate', 'shop');
      assert.match(refused.markdown, /^\*\*Refused\.\*\* The server refused:/);
      assert.ok(refused.failed);
      await lab.primary.run('UPDATE orders SET n = 5');
      bench.prompts.script('n > 0', true);
      assert.match(
        (await bench.run(book, 'validate', 'shop')).markdown,
        /^\*\*Done\.\*\*[^]*VALIDATE CONSTRAINT "n > 0"/,
      );
      assert.match((await bench.run(book, 'verify', 'shop')).markdown, /Good again/);
    });

    it('does nothing to a table that was dropped, or an index that was mended, between diagnosis and click', async () => {
      await halfApplied();
      const book = await bench.open('migration-rollback');
      await bench.diagnose(book, 'shop');
      const confirm = bench.prompts.confirm.bind(bench.prompts);
      for (const [change, expected] of [
        ['DELETE FROM orders WHERE n = 1; REINDEX INDEX orders_key', /is valid by now/],
        ['DROP TABLE orders', /is gone\. Nothing was done/],
      ] as const) {
        if (change.startsWith('DROP'))
          await lab.primary.run("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_key'::regclass");
        bench.prompts.script('public.orders_key', true);
        bench.prompts.confirm = async (question) => {
          await lab.primary.run(change);
          return confirm(question);
        };
        const result = await bench.run(book, 'drop-index', 'shop').finally(() => (bench.prompts.confirm = confirm));
        assert.match(result.markdown, expected);
        assert.equal(result.acted, false);
      }
      assert.equal(
        bench.audit.actions('shop', 0, Infinity).filter(({ action }) => action.includes('orders_key')).length,
        0,
      );
    });

    it('finds a migration that waits behind an open transaction, and cancels it', async () => {
      const reader = await lab.primary.connect({ applicationName: 'reports' });
      await reader.query('BEGIN; SELECT * FROM orders');
      const flyway = await lab.primary.connect({ applicationName: 'Flyway by Redgate' });
      const pid = await backendPid(flyway);
      const altering = flyway.query('ALTER TABLE orders ADD COLUMN note text').then(
        () => 'done',
        (error: unknown) => (error as { code?: string }).code,
      );
      faults.push({ heal: () => Promise.all([reader.end(), flyway.end()]).then(() => undefined) });
      await until('it waits', async () => (await lockWaiters(lab.primary)) === 1);
      const book = await bench.open('migration-failure');
      const verdict = await bench.diagnose(book, 'shop');
      assert.match(
        verdict.markdown,
        new RegExp(
          `^\\*\\*The migration waits: session ${pid} \\(ALTER TABLE orders ADD COLUMN\\) for ${(reader as unknown as { processID: number }).processID}`,
        ),
      );
      assert.equal(verdict.next, 'end');
      bench.prompts.script(`Cancel query of ${pid}`, true);
      assert.match((await bench.run(book, 'end', 'shop')).markdown, /^\*\*Done\.\*\* The statement of session/);
      assert.equal(await altering, '57014');
      assert.match((await bench.run(book, 'verify', 'shop')).markdown, /Good again/);
    });

    it("knows the hang of CREATE INDEX CONCURRENTLY behind Flyway's own lock", async () => {
      const holder = await lab.primary.connect({ applicationName: 'Flyway by Redgate' });
      await holder.query(
        'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_advisory_xact_lock(77431708279161); SELECT * FROM orders',
      );
      const builder = await lab.primary.connect({ applicationName: 'Flyway by Redgate' });
      const building = builder.query('CREATE INDEX CONCURRENTLY orders_n ON orders (n)').catch(() => undefined);
      faults.push({
        heal: async () => {
          await holder.end();
          await building;
          await builder.end();
        },
      });
      await until('it waits', async () => (await lockWaiters(lab.primary)) === 1);
      const { markdown } = await bench.diagnose(await bench.open('migration-failure'), 'shop');
      assert.match(markdown, /^\*\*The migration waits[^]*flyway\\?\.postgresql\\?\.transactional\\?\.lock=false/);
    });

    it('finds a history of another name, when the workspace gives it one', async () => {
      await lab.primary.run('ALTER TABLE flyway_schema_history RENAME TO "Our history"');
      await lab.primary
        .run(`INSERT INTO "Our history" (installed_rank, version, description, type, script, checksum, success)
        VALUES (4, '4', 'key', 'SQL', 'V4__key.sql', 44, false)`);
      const book = await bench.open('migration-failure');
      assert.match((await bench.diagnose(book, 'shop')).markdown, /^\*\*There is no Flyway history/);
      bench.scripts = [
        {
          folder: '/shop',
          table: 'Our history',
          outOfOrder: false,
          target: undefined,
          scripts: [script('V4__key.sql', 44)],
        },
      ];
      assert.match(
        (await bench.diagnose(book, 'shop')).markdown,
        /^\*\*Migration V4\S*key\S*sql FAILED \(rank 4 of public\S*Our history/,
      );
    });

    it('calls nothing clean that it may not read', async () => {
      const { markdown } = await bench.diagnose(await bench.open('migration-failure'), 'monitor');
      assert.match(markdown, /^\*\*The Flyway history is hidden from this role/);
      await lab.primary.run('GRANT SELECT ON flyway_schema_history TO monitor');
      const book = await bench.open('migration-rollback');
      assert.match((await bench.diagnose(book, 'monitor')).markdown, /^\*\*The history knows no failure/);
      await halfApplied();
      bench.prompts.script('public.orders_key', true);
      const refused = await bench.run(book, 'drop-index', 'monitor');
      assert.match(refused.markdown, /Refused\.\*\* Only the owner of public/);
      assert.ok(!bench.prompts.asked.some(({ kind }) => kind === 'confirm'));
      await lab.primary.run('DROP TABLE flyway_schema_history');
      await lab.primary.run('DROP INDEX orders_key');
      assert.match((await bench.diagnose(book, 'shop')).markdown, /^\*\*There is no Flyway history/);
    });
  });
}
