import assert from 'node:assert/strict';
import { BloatReport } from '../../../src/core/reports/bloat/bloat-report';
import type { Cell } from '../../../src/core/reports/document';
import type { Lab } from '../../lab/lab';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import { profileOf } from '../support/monitor';
import { actOn, documentFrom, openRun, rowOf, section, type OpenRun } from './open-run';
import { holdBack, makeTruthTable } from './truth-table';

const database = 'bloat "truth"';

/** [estimate in percent or null, trust, measured free in percent, measured dead in percent]. */
type Truth = readonly [estimate: number | null, trust: string, free: number, dead: number];

/** The truth table: what the statistics say, how far they are to be trusted, and what is so. */
const tables: Readonly<Record<string, Truth>> = {
  fresh: [0, 'high', 0.2, 0],
  half_deleted: [50, 'high', 47, 0],
  held: [50, 'low: dead, not free', 0.2, 47],
  filled_70: [0.6, 'high', 30.8, 0],
  padded: [0, 'high', 0.8, 0],
  padded_behind_text: [0, 'low: much padding', 0.6, 0],
  never_analyzed: [null, 'none: never analyzed', 0.2, 0],
  named: [0, 'low: name columns', 0.8, 0],
  tiny: [0, 'low: small', 99, 0],
  nulls: [0, 'high', 0.2, 0],
  toasted: [0, 'high', 4, 0],
};

/** [estimate, trust, measured waste], in percent. */
const indexes: Readonly<Record<string, readonly [number | null, string, number]>> = {
  keys_id: [0, 'high', 0.5],
  keys_half_id: [49.7, 'high', 49.5],
  named_n: [null, 'none: name columns', 0.6],
};

for (const major of testedMajors) {
  describe(`bloat of PostgreSQL ${major}`, () => {
    let lab: Lab;
    let holder: Awaited<ReturnType<typeof holdBack>>;
    const open: OpenRun[] = [];

    before(async () => {
      lab = await sharedLab({ major, standbys: 1 });
      await lab.primary.run('CREATE DATABASE "bloat ""truth"""');
      await makeTruthTable(lab.primary, database);
      holder = await holdBack(lab.primary, database);
      // 13 and 14 send their counters with a delay.
      await new Promise((resolve) => setTimeout(resolve, major < 15 ? 1500 : 0));
    });
    after(async () => {
      await holder.release();
      await lab.primary.run('DROP DATABASE "bloat ""truth""" WITH (FORCE)');
    });
    afterEach(async () => {
      for (const each of open.splice(0)) await each.close();
    });

    const run = async (text: string): Promise<unknown[]> => lab.primary.run(text, [], database);
    function report(user = 'postgres', at = database, server = lab.primary): OpenRun {
      const opened = openRun(new BloatReport(), profileOf(server, user, { user, database: at }));
      open.push(opened);
      return opened;
    }
    const near = (cell: Cell | undefined, wanted: number | null, within: number, what: string): void => {
      if (wanted === null) assert.deepEqual([cell?.value, cell?.text], [null, 'not known'], what);
      else assert.ok(Math.abs(Number(cell?.value) - wanted) <= within, `${what}: ${cell?.text ?? ''}, not ${wanted}`);
    };

    it('is estimated, marked and measured as the truth table says', async () => {
      const { run: reading, prompts } = report();
      const rows = section(await documentFrom(reading), 'tables');
      for (const [name, [estimate, trust, free, dead]] of Object.entries(tables)) {
        const { key, cell } = rowOf(rows, `public.${name}`);
        near(cell['estimate'], estimate, 3, `${name} estimate`);
        assert.equal(cell['trust']?.text, trust, name);
        const said = await actOn(reading, { section: 'tables', row: key }, 'confirm');
        const found = /: (< )?([\d.]+) % free, (< )?([\d.]+) % dead\.$/.exec(said);
        assert.ok(found, said);
        assert.ok(Math.abs(Number(found[2]) - free) <= 3, `${name}: ${said}, not ${free} free`);
        assert.ok(Math.abs(Number(found[4]) - dead) <= 3, `${name}: ${said}, not ${dead} dead`);
      }
      assert.deepEqual(prompts.asked, [], 'small tables are measured without a question');
    });

    it('is estimated, marked and measured for b-trees too', async () => {
      const { run: reading, prompts } = report();
      const rows = section(await documentFrom(reading), 'indexes');
      const wanted = {
        ...indexes,
        // Its calculation is far below 0: clamped, and not to be used.
        keys_kind: [null, 'none: deduplicated', 0.9] as const,
      };
      for (const [name, [estimate, trust, wasted]] of Object.entries(wanted)) {
        const { key, cell } = rowOf(rows, `public.${name}`);
        near(cell['estimate'], estimate, 3, `${name} estimate`);
        assert.equal(cell['trust']?.text, trust, name);
        prompts.script(true);
        const said = await actOn(reading, { section: 'indexes', row: key }, 'confirm');
        assert.ok(Math.abs(Number(/([\d.]+) %\.$/.exec(said)?.[1]) - wasted) <= 1.5, `${said}, not ${wasted}`);
        const [asked] = prompts.asked;
        assert.ok(asked?.kind === 'confirm');
        assert.match(asked.question.detail, /reads the whole index, [\d.]+ [kM]B/);
        assert.equal(asked.question.action, 'Read Index');
      }
      const detail = JSON.stringify(reading.detail({ section: 'indexes', row: rowOf(rows, 'public.keys_kind').key }));
      assert.match(detail, /The calculation gives -\d{2,3} %, less than nothing/);
      assert.match(detail, /Leaves are 89\.\d % full; built anew they would be 90 %/);
    });

    it('measures nothing when the person backs out', async () => {
      const { run: reading, prompts } = report();
      const rows = section(await documentFrom(reading), 'indexes');
      prompts.script(false);
      const said = await actOn(reading, { section: 'indexes', row: rowOf(rows, 'public.keys_id').key }, 'confirm');
      assert.equal(said, 'Nothing was measured.');
    });

    it('names who holds vacuum back, on top and at the table', async () => {
      const { run: reading } = report();
      const document = await documentFrom(reading);
      assert.equal(
        document.notices[0]?.title,
        `VACUUM is held back by session ${holder.pid} (postgres · ${database} · report "export" · idle in transaction)`,
      );
      const { key, cell } = rowOf(section(document, 'tables'), 'public.held');
      assert.equal(cell['dead']?.value, 15_000);
      const detail = JSON.stringify(reading.detail({ section: 'tables', row: key }));
      assert.match(detail, new RegExp(`Session ${holder.pid} .* holds it back`));
      assert.match(detail, /not free before VACUUM has removed them/);
    });

    it('tells fillfactor as design, and keeps what was measured over a refresh', async () => {
      const { run: reading } = report();
      const { key } = rowOf(section(await documentFrom(reading), 'tables'), 'public.filled_70');
      await actOn(reading, { section: 'tables', row: key }, 'confirm');
      const detail = JSON.stringify(reading.detail({ section: 'tables', row: key }));
      assert.match(detail, /30 % of each page is kept free by design \(fillfactor 70\)/);
      const again = rowOf(section(await documentFrom(reading), 'tables'), 'public.filled_70');
      assert.match(again.cell['confirmed']?.text ?? '', /^3\d\.\d % free, 0\.0 % dead · [\d.]+ s ago$/);
    });

    it('says never where there was no vacuum, and how long ago where there was', async () => {
      const rows = section(await documentFrom(report().run), 'tables');
      const never = rowOf(rows, 'public.never_analyzed').cell;
      assert.deepEqual([never['vacuum']?.text, never['analyze']?.text], ['never', 'never']);
      assert.ok(Number(never['vacuum']?.value) > Number(rowOf(rows, 'public.fresh').cell['vacuum']?.value));
      assert.match(rowOf(rows, 'public.fresh').cell['vacuum']?.text ?? '', / ago$/);
      const stale = rowOf(rows, 'public.stale');
      assert.match(stale.cell['trust']?.text ?? '', /^low: /);
      assert.equal(stale.cell['dead']?.value, 20_000);
    });

    it('has no estimate for a role that may not read the statistics, and says which grant helps', async () => {
      for (const user of ['monitor', 'plain']) {
        const { run: reading } = report(user);
        const document = await documentFrom(reading);
        const { cell } = rowOf(section(document, 'tables'), 'public.half_deleted');
        assert.deepEqual(
          [cell['estimate']?.text, cell['trust']?.text],
          ['not known', 'none: statistics hidden'],
          `${user}: no false green`,
        );
        const limited = document.notices.find(({ id }) => id === 'hidden-statistics');
        assert.equal(limited?.level, 'limited');
        assert.equal(limited.copy?.text, major >= 14 ? `GRANT pg_read_all_data TO "${user}";` : undefined);
      }
    });

    it('is measured by pg_monitor, and a plain role learns what it lacks', async () => {
      const monitor = report('monitor').run;
      const { key } = rowOf(section(await documentFrom(monitor), 'tables'), 'public.half_deleted');
      assert.match(await actOn(monitor, { section: 'tables', row: key }, 'confirm'), /4\d\.\d % free/);
      const plain = report('plain').run;
      const document = await documentFrom(plain);
      assert.match(document.notices[0]?.text ?? '', /does not see the transactions of others/);
      const said = await actOn(plain, { section: 'tables', row: key }, 'confirm');
      assert.match(said, /plain may not run pgstattuple_approx\. Grant it: GRANT pg_stat_scan_tables TO "plain";/);
    });

    it('says that pgstattuple is missing, and how it comes', async () => {
      await lab.primary.run('CREATE TABLE IF NOT EXISTS here (i int); DROP EXTENSION IF EXISTS pgstattuple');
      const { run: reading } = report('postgres', 'postgres');
      const { key } = rowOf(section(await documentFrom(reading), 'tables'), 'public.here');
      const said = await actOn(reading, { section: 'tables', row: key }, 'confirm');
      assert.match(said, /not created in postgres\. A superuser runs CREATE EXTENSION pgstattuple; in it/);
    });

    it('skips a table that is locked exclusively, says so, and does not measure it', async () => {
      const { run: reading } = report();
      const { key } = rowOf(section(await documentFrom(reading), 'tables'), 'public.fresh');
      const locker = await lab.primary.connect({ database });
      await locker.query('BEGIN; LOCK TABLE fresh IN ACCESS EXCLUSIVE MODE');
      const said = await actOn(reading, { section: 'tables', row: key }, 'confirm');
      const began = Date.now();
      const document = await documentFrom(reading);
      assert.ok(Date.now() - began < 10_000);
      await locker.end();
      assert.match(said, /public\.fresh is locked exclusively now/);
      assert.match(section(document, 'tables').caption, / · 1 table skipped: locked exclusively$/);
      assert.ok(!section(document, 'tables').rows.some((row) => row.key === key));
      assert.match(document.notices.find(({ id }) => id === 'locked')?.text ?? '', /^public\.fresh /);
    });

    it('measures by oid whatever the name, and says when the table is gone', async () => {
      await run('CREATE SCHEMA "s; DROP"; CREATE TABLE "s; DROP"."""; DROP TABLE fresh; --" (i int)');
      const { run: reading } = report();
      const { key } = rowOf(section(await documentFrom(reading), 'tables'), 's; DROP."; DROP TABLE fresh; --');
      assert.match(
        await actOn(reading, { section: 'tables', row: key }, 'confirm'),
        /^s; DROP\."; DROP TABLE fresh; --: /,
      );
      await run('DROP SCHEMA "s; DROP" CASCADE');
      assert.match(await actOn(reading, { section: 'tables', row: key }, 'confirm'), /is not there any more/);
      rowOf(section(await documentFrom(reading), 'tables'), 'public.fresh');
    });

    it('cancels a measurement on the server', async () => {
      const { run: reading } = report();
      const { key } = rowOf(section(await documentFrom(reading), 'tables'), 'public.fresh');
      const locker = await lab.primary.connect({ database });
      await locker.query('BEGIN; LOCK TABLE fresh IN ACCESS EXCLUSIVE MODE');
      const acting = actOn(reading, { section: 'tables', row: key }, 'confirm');
      const waits =
        "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pgstattuple_approx%' AND wait_event_type = 'Lock'";
      while ((await lab.primary.run(waits)).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      reading.cancel();
      assert.equal(await acting, 'Cancelled.');
      assert.deepEqual(await lab.primary.run(waits), []);
      await locker.end();
    });

    it('shows slots and prepared transactions among the holders', async () => {
      const other = await sharedLab({ major, settings: { max_prepared_transactions: '5' } });
      await other.primary.run("SELECT pg_create_logical_replication_slot('dead_cdc', 'pgoutput')");
      await other.primary.run(`BEGIN; CREATE TABLE in_doubt (i int); PREPARE TRANSACTION 'order "17"'`);
      await other.primary.run('CREATE TABLE later (i int)');
      const document = await documentFrom(report('postgres', 'postgres', other.primary).run);
      await other.primary.run(`ROLLBACK PREPARED 'order "17"'`);
      await other.primary.run("SELECT pg_drop_replication_slot('dead_cdc'); DROP TABLE later");
      const texts = section(document, 'horizon').rows.map(({ cells }) => cells[0]?.text);
      assert.deepEqual(texts.toSorted(), [
        'Prepared transaction order "17" (postgres · postgres)',
        'Replication slot dead_cdc (logical · not active · catalog tables only)',
      ]);
      assert.equal(document.notices[0]?.level, 'warning');
    });

    it('blames nobody of another database: what is old there holds nothing back here', async () => {
      const elsewhere = await lab.primary.connect({ database: 'postgres', applicationName: 'elsewhere' });
      await elsewhere.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT txid_current()');
      // The server agrees: what was deleted since is removed from a table of this database.
      await lab.primary.run('CREATE DATABASE bloat_other');
      const inOther = async (text: string): Promise<unknown> => lab.primary.run(text, [], 'bloat_other');
      try {
        await inOther('CREATE EXTENSION pgstattuple; CREATE TABLE t AS SELECT generate_series(1, 1000) AS i');
        await inOther('DELETE FROM t WHERE i % 2 = 0');
        await inOther('VACUUM t');
        assert.deepEqual(await inOther("SELECT dead_tuple_count::int AS dead FROM pgstattuple('t')"), [{ dead: 0 }]);
        const document = await documentFrom(report('postgres', 'bloat_other').run);
        assert.equal(document.notices[0]?.title, 'Nothing holds VACUUM back');
      } finally {
        await elsewhere.end();
        for (const each of open.splice(0)) await each.close();
        await lab.primary.run('DROP DATABASE bloat_other WITH (FORCE)');
      }
    });

    it('does not pretend to know on a standby what only the primary knows', async () => {
      const { run: reading } = report('postgres', 'postgres', lab.standbys[0]);
      const document = await documentFrom(reading);
      assert.ok(document.notices.some(({ id }) => id === 'standby'));
      for (const row of section(document, 'tables').rows) {
        const [dead, vacuum, analyze] = row.cells.slice(-3);
        assert.deepEqual(
          [dead, vacuum, analyze].map((cell) => cell?.text),
          ['not known here', 'not known here', 'not known here'],
        );
      }
    });
  });
}
