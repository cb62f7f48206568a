import assert from 'node:assert/strict';
import { BloatReport } from '../../../src/core/reports/bloat/bloat-report';
import { SlowQueriesReport } from '../../../src/core/reports/slow-queries/slow-queries-report';
import { sharedLab } from '../../lab/shared-lab';
import { profileOf } from '../support/monitor';
import { directExtractor, documentFrom, openRun, rowOf, section } from './open-run';

const tableCount = 10_000;

describe('a database with ten thousand tables', function () {
  this.timeout(300_000);

  it('is reported with its largest, and the one that nothing has looked at yet is among them', async () => {
    const lab = await sharedLab({ settings: { max_locks_per_transaction: '12000', autovacuum: 'off' } });
    const database = 'wide_reports';
    await lab.primary.run(`CREATE DATABASE ${database}`);
    const run = async (text: string): Promise<unknown[]> => lab.primary.run(text, [], database);
    await run(`CREATE EXTENSION pg_stat_statements;
      DO $$ BEGIN FOR i IN 1..${tableCount} LOOP
        EXECUTE format('CREATE TABLE %I (id int PRIMARY KEY)', 'Table "' || i || '"'); END LOOP; END $$`);
    await run(
      'CREATE TABLE unseen (id bigint, note text); INSERT INTO unseen SELECT i, i FROM generate_series(1, 50000) AS i',
    );
    await run(`SELECT count(*) FROM "Table ""77""" WHERE id > 3`);
    const profile = profileOf(lab.primary, 'wide', { database });
    const bloat = openRun(new BloatReport(), profile);
    const began = Date.now();
    const document = await documentFrom(bloat.run);
    const tookMs = Date.now() - began;
    const slow = openRun(new SlowQueriesReport(directExtractor), profile, { limit: '5000' });
    const statements = section(await documentFrom(slow.run), 'statements');
    await Promise.all([bloat.close(), slow.close()]);
    await lab.primary.run(`DROP DATABASE ${database} WITH (FORCE)`);
    const tables = section(document, 'tables');
    assert.match(tables.caption, /^The largest 1,000 of 10,001 tables$/);
    assert.equal(tables.rows.length, 1000);
    assert.equal(rowOf(tables, 'public.unseen').cell['trust']?.text, 'none: never analyzed');
    assert.equal(section(document, 'indexes').rows.length, 1000);
    assert.ok(tookMs < 15_000, `${tookMs} ms`);
    assert.match(rowOf(statements, /FROM "Table ""77"""/).cell['tables']?.text ?? '', /^public\.Table "77" /);
  });
});
