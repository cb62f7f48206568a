import assert from 'node:assert/strict';
import { SlowQueriesReport } from '../../../src/core/reports/slow-queries/slow-queries-report';
import type { ReportDocument } from '../../../src/core/reports/document';
import type { Lab } from '../../lab/lab';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import { profileOf } from '../support/monitor';
import { actOn, directExtractor, documentFrom, openRun, rowOf, section, type OpenRun } from './open-run';

const database = 'slow "queries"';
const hostile = '"; DROP TABLE x; --"';
const quotedHostile = `"${hostile.replaceAll('"', '""')}"`;

for (const major of testedMajors) {
  describe(`slow queries of PostgreSQL ${major}`, () => {
    let lab: Lab;
    const open: OpenRun[] = [];

    before(async () => {
      lab = await sharedLab({ major, standbys: 1 });
      await lab.primary.run(`CREATE DATABASE "slow ""queries"""`);
      await run(`CREATE EXTENSION pg_stat_statements;
        CREATE TABLE orders (id int PRIMARY KEY, note text);
        INSERT INTO orders SELECT i, repeat('n', 100) FROM generate_series(1, 3000) AS i;
        CREATE TABLE ${quotedHostile} (id int); CREATE VIEW seen AS SELECT id FROM orders;
        CREATE TABLE parted (id int) PARTITION BY RANGE (id); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100);
        INSERT INTO parted VALUES (1); GRANT SELECT ON orders TO plain`);
      for (let i = 0; i < 7; i++) await run(`SELECT count(*) FROM orders WHERE id > ${i}`);
      await run(`SELECT * FROM ${quotedHostile} AS h JOIN seen USING (id)`);
      await run(`SELECT count(*) FROM parted WHERE id = 1`);
      await run('SELECT pg_sleep(0.2)');
    });
    after(() => lab.primary.run(`DROP DATABASE "slow ""queries"""`));
    afterEach(async () => {
      for (const each of open.splice(0)) await each.close();
    });

    const run = async (text: string): Promise<unknown[]> => lab.primary.run(text, [], database);
    function report(user = 'postgres', options: Record<string, string> = {}, at = database): OpenRun {
      const opened = openRun(
        new SlowQueriesReport(directExtractor),
        profileOf(lab.primary, user, { user, database: at }),
        options,
      );
      open.push(opened);
      return opened;
    }
    const read = async (user?: string, options?: Record<string, string>, at?: string): Promise<ReportDocument> =>
      documentFrom(report(user, options, at).run);
    const first = (document: ReportDocument): string =>
      document.notices.map(({ level, title }) => `${level}: ${title}`).join('\n');
    const big = { limit: '5000' };

    it('count what ran, with the whole statement and the sizes of its tables', async () => {
      const { run: reading } = report('postgres', { limit: '1000' });
      const document = await documentFrom(reading);
      assert.equal(first(document), '');
      const { key, cell } = rowOf(section(document, 'statements'), /^SELECT count\(\*\) FROM orders WHERE id > /);
      assert.equal(cell['calls']?.value, 7);
      assert.equal(cell['rows']?.value, 7);
      assert.equal(cell['user']?.text, 'postgres');
      assert.equal(cell['database']?.text, database);
      const [size] = (await run("SELECT pg_total_relation_size('orders')::int AS size")) as { size: number }[];
      assert.equal(cell['tables']?.value, size?.size);
      assert.match(cell['tables']?.text ?? '', /^public\.orders \d+ kB$/);
      const value = (id: string): number => Number(cell[id]?.value);
      assert.ok(value('min') <= value('mean') && value('mean') <= value('max'), 'min, mean, max');
      assert.ok(Math.abs(value('mean') * 7 - value('total')) < 0.01, 'mean times calls is the total');
      assert.ok(value('share') > 0 && value('share') < 100);
      assert.ok(value('hit') > 0 && value('hit') <= 100);
      const detail = reading.detail({ section: 'statements', row: key });
      assert.deepEqual(detail?.blocks[0], {
        kind: 'statement',
        title: 'Statement',
        text: 'SELECT count(*) FROM orders WHERE id > $1',
      });
      assert.equal(reading.detail({ section: 'statements', row: 'gone' }), undefined);
    });

    it('keep hostile names as names, and tell views and partitions', async () => {
      const { run: reading } = report('postgres', big);
      const rows = section(await documentFrom(reading), 'statements');
      const row = rowOf(rows, /JOIN seen/);
      const tables = reading.detail({ section: 'statements', row: row.key })?.blocks[1];
      assert.ok(tables?.kind === 'notes');
      assert.match(tables.notes.join('\n'), /^public\."; DROP TABLE x; --": \d+ (kB|B)$/m);
      assert.match(tables.notes.join('\n'), /^public\.seen: a view: no size of its own$/m);
      assert.equal(rowOf(rows, /FROM parted/).cell['tables']?.text, 'public.parted 8 kB');
    });

    it('rank on the server by what was chosen, and show 50 by default', async () => {
      for (const ranking of ['total', 'mean', 'max', 'calls']) {
        const { rows, sort, columns } = section(await read('postgres', { ranking }), 'statements');
        const at = columns.findIndex(({ id }) => id === ranking);
        const values = rows.map(({ cells }) => Number(cells[at]?.value));
        assert.deepEqual(
          values,
          values.toSorted((a, b) => b - a),
          ranking,
        );
        assert.equal(sort?.column, ranking);
        assert.ok(rows.length <= 50);
      }
      const { rows, columns } = section(await read('postgres', { ranking: 'max', limit: 'all' }), 'statements');
      const longest = rows[0]?.cells[columns.findIndex(({ id }) => id === 'max')]?.value;
      const [server] = await lab.primary.run<{ ms: number }>(
        'SELECT max(max_exec_time)::float8 AS ms FROM pg_stat_statements',
      );
      assert.ok(Math.abs(Number(longest) - (server?.ms ?? NaN)) < 0.01, `${longest} of ${server?.ms}`);
    });

    it('say of the tables of another database that their sizes are not read', async () => {
      await lab.primary.run('CREATE TABLE IF NOT EXISTS elsewhere (id int)');
      await lab.primary.run('SELECT count(*) FROM elsewhere WHERE id = 1');
      const { run: reading } = report('postgres', big);
      const row = rowOf(section(await documentFrom(reading), 'statements'), /FROM elsewhere WHERE/);
      const tables = reading.detail({ section: 'statements', row: row.key })?.blocks[1];
      assert.ok(tables?.kind === 'notes');
      assert.match(tables.notes[0] ?? '', /^elsewhere: in the database postgres: size not read here$/);
      assert.equal(row.cell['tables']?.value, 0);
    });

    it('skip the size of a table that is locked exclusively, and wait for nobody', async () => {
      const holder = await lab.primary.connect({ database });
      await holder.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
      const began = Date.now();
      const { run: reading } = report('postgres', big);
      const row = rowOf(section(await documentFrom(reading), 'statements'), /FROM orders WHERE id > /);
      assert.ok(Date.now() - began < 5000);
      await holder.end();
      const tables = reading.detail({ section: 'statements', row: row.key })?.blocks[1];
      assert.ok(tables?.kind === 'notes');
      assert.match(tables.notes[0] ?? '', /^public\.orders: locked exclusively: size skipped$/);
    });

    it('are seen whole by pg_monitor, and by a plain role as a limited view', async () => {
      const monitor = await read('monitor', big);
      assert.equal(first(monitor), '');
      rowOf(section(monitor, 'statements'), /FROM orders WHERE id > /);
      const client = await lab.primary.connect({ database, user: 'plain' });
      await client.query('SELECT id FROM orders WHERE id = 3');
      await client.end();
      const plain = await read('plain', big);
      assert.equal(first(plain), 'limited: Limited view');
      assert.equal(plain.notices[0]?.copy?.text, 'GRANT pg_read_all_stats TO "plain";');
      const rows = section(plain, 'statements');
      rowOf(rows, /^SELECT id FROM orders WHERE id = /);
      assert.equal(rowOf(rows, '<insufficient privilege>').cell['tables']?.text, 'not known');
      assert.equal(new Set(rows.rows.map(({ key }) => key)).size, rows.rows.length, 'keys are unique');
      assert.ok(!rows.rows.some(({ cells }) => (cells[0]?.text ?? '').includes('id >')), 'texts of others stay hidden');
    });

    it('tell when a statement is not parsed, and copy one whole that is too long to show', async () => {
      const long = `SELECT id FROM orders WHERE note = 'x' ${Array.from({ length: 3000 }, (_, i) => `OR id = ${i}`).join(' ')}`;
      await run(long);
      await run('CREATE TABLE IF NOT EXISTS merged (id int)');
      await run('VACUUM merged');
      const opened = report('postgres', big);
      const rows = section(await documentFrom(opened.run), 'statements');
      assert.equal(rowOf(rows, 'VACUUM merged').cell['tables']?.text, 'could not be parsed');
      const { key, cell } = rowOf(rows, /^SELECT id FROM orders WHERE note = /);
      assert.ok((cell['statement']?.text.length ?? 0) <= 241);
      const address = { section: 'statements', row: key };
      const statement = opened.run.detail(address)?.blocks[0];
      assert.ok(statement?.kind === 'statement');
      assert.match(statement.note ?? '', /^The first 20,000 of [\d,]+ characters/);
      assert.equal(await actOn(opened.run, address, 'copyStatement'), 'Statement copied.');
      assert.match(opened.copied[0] ?? '', /^SELECT id FROM orders WHERE note = .* OR id = \$3001$/);
      assert.equal(opened.run.act(address, 'drop'), false);
    });

    it('name what is missing, with the statement that brings it', async () => {
      const missing = await read('postgres', {}, 'template1');
      assert.deepEqual(
        [missing.sections, first(missing)],
        [[], 'error: pg_stat_statements is not created in template1'],
      );
      assert.equal(missing.notices[0]?.copy?.text, 'CREATE EXTENSION pg_stat_statements;');
      assert.match(missing.notices[0].text, /shared_preload_libraries, where it is\.$/);
      const unseen = await read('plain', {}, 'template1');
      assert.match(unseen.notices[0]?.text ?? '', /which this role may not see\.$/);
    });

    it('name a schema that the role may not use', async () => {
      await run('CREATE SCHEMA "st""ats"; ALTER EXTENSION pg_stat_statements SET SCHEMA "st""ats"');
      const document = await read('plain');
      assert.match(first(document), /^error: plain may not use the schema/);
      assert.equal(document.notices[0]?.copy?.text, 'GRANT USAGE ON SCHEMA "st""ats" TO "plain";');
      rowOf(section(await read('postgres', big), 'statements'), /FROM orders WHERE id > /);
      await run('ALTER EXTENSION pg_stat_statements SET SCHEMA public');
    });

    it('say that nothing is counted while the settings forbid it', async () => {
      await run(`ALTER ROLE monitor SET pg_stat_statements.track = 'none'`).catch(() => undefined);
      await lab.primary.run(`ALTER DATABASE "slow ""queries""" SET pg_stat_statements.track = 'none'`);
      if (major >= 14) await lab.primary.run(`ALTER DATABASE "slow ""queries""" SET compute_query_id = off`);
      const notices = first(await read());
      await lab.primary.run(`ALTER DATABASE "slow ""queries""" RESET ALL; ALTER ROLE monitor RESET ALL`);
      assert.match(notices, /warning: pg_stat_statements\.track is none/);
      assert.equal(/warning: compute_query_id is off/.test(notices), major >= 14);
    });

    it('are never reset by reading them', async () => {
      if (major < 14) return;
      const since = async (): Promise<unknown> => run('SELECT stats_reset FROM pg_stat_statements_info');
      const before = await since();
      const document = await read();
      assert.deepEqual(await since(), before);
      assert.match(document.facts.find(({ label }) => label === 'Statistics since')?.value ?? '', /^\d{4}-.* ago$/);
      assert.match(JSON.stringify(document.facts), /no percentiles/);
    });

    it('are read on a standby too', async () => {
      const opened = openRun(
        new SlowQueriesReport(directExtractor),
        profileOf(lab.standbys[0]!, 'standby', { database: 'postgres' }),
      );
      open.push(opened);
      assert.match((await documentFrom(opened.run)).server, /\(standby\)/);
    });

    it('are given up on the server when the person cancels, and keep the last document', async () => {
      const { run: reading } = report();
      const document = await documentFrom(reading);
      const holder = await lab.primary.connect({ database });
      await holder.query('BEGIN; LOCK TABLE pg_catalog.pg_extension IN ACCESS EXCLUSIVE MODE');
      const second = reading.refresh();
      setTimeout(() => reading.cancel(), 150);
      await second;
      await holder.end();
      assert.equal(reading.state.phase, 'cancelled');
      assert.equal(reading.document, document);
    });

    const versions = ['1.7', '1.8', '1.9', '1.10', '1.11', '1.12'];
    for (const version of versions) {
      it(`are read with version ${version} of the extension, in a schema of any name`, async function () {
        const available = (await run(
          "SELECT version FROM pg_available_extension_versions WHERE name = 'pg_stat_statements'",
        )) as { version: string }[];
        if (!available.some((each) => each.version === version)) this.skip();
        const schema = '"v; DROP SCHEMA public; --"""';
        await run(`DROP EXTENSION pg_stat_statements; CREATE SCHEMA ${schema};
          CREATE EXTENSION pg_stat_statements SCHEMA ${schema} VERSION '${version}'; GRANT USAGE ON SCHEMA ${schema} TO monitor`);
        try {
          const document = await read('monitor', big);
          assert.equal(
            document.facts.find(({ label }) => label === 'Extension')?.value,
            `pg_stat_statements ${version}`,
          );
          const told = !/not told/.test(JSON.stringify(document.facts));
          assert.equal(told, Number(version.split('.')[1]) >= 9);
          const { cell } = rowOf(section(document, 'statements'), /FROM orders WHERE id > /);
          assert.equal(cell['calls']?.value, 7);
          for (const id of ['total', 'mean', 'max', 'min', 'stddev']) assert.ok(Number(cell[id]?.value) >= 0, id);
          assert.ok(Number(cell['total']?.value) > 0);
        } finally {
          await run(`DROP EXTENSION pg_stat_statements; DROP SCHEMA ${schema}; CREATE EXTENSION pg_stat_statements`);
        }
      });
    }

    it('say of an older extension how to bring it up to date', async () => {
      await run("DROP EXTENSION pg_stat_statements; CREATE EXTENSION pg_stat_statements VERSION '1.6'");
      const document = await read();
      assert.match(first(document), /^error: pg_stat_statements 1\.6 is too old/);
      const { copy } = document.notices[0]!;
      await run(copy?.text ?? '');
      rowOf(section(await read('postgres', big), 'statements'), /FROM orders WHERE id > /);
    });
  });

  describe(`slow queries of PostgreSQL ${major} without the library`, () => {
    it('name the exact setting and the restart, whatever the role may see', async () => {
      const lab = await sharedLab({ major, settings: { shared_preload_libraries: 'auto_explain' } });
      for (const user of ['postgres', 'monitor', 'plain']) {
        const opened = openRun(new SlowQueriesReport(directExtractor), profileOf(lab.primary, user, { user }));
        const document = await documentFrom(opened.run);
        await opened.close();
        const [notice] = document.notices;
        assert.equal(notice?.title, 'pg_stat_statements is not preloaded', user);
        assert.match(notice.text, /RESTART/);
        const sees = user !== 'plain';
        const value = sees ? 'auto_explain,pg_stat_statements' : 'pg_stat_statements';
        assert.equal(notice.copy?.text, `shared_preload_libraries = '${value}'`);
        assert.equal(/may not see what is in it/.test(notice.text), !sees);
      }
    });
  });
}
