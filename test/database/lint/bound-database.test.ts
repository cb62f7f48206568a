import assert from 'node:assert/strict';
import { tableFactsStatement } from '../../../src/core/lint/table-facts';
import { readDatabaseHistories, readTables } from '../../../src/core/lint/read-database';
import type { Session } from '../../../src/core/ports/session';
import type { Lab } from '../../lab/lab';
import { sharedLab, testedMajors } from '../../lab/shared-lab';
import { labOpener, profileOf } from '../support/monitor';

/** What lint is told of a bound database, by a role that owns none of it. */
for (const major of testedMajors) {
  describe(`the tables and histories of a bound database of PostgreSQL ${major}`, () => {
    let lab: Lab;
    let session: Session;
    const database = 'bound_lint';
    const { signal } = new AbortController();
    const run = (text: string): Promise<unknown> => lab.primary.run(text, [], database);
    before(async () => {
      lab = await sharedLab({ major, settings: { autovacuum: 'off' } });
      await lab.primary.run(`CREATE DATABASE ${database}`);
      await run(`
        CREATE TABLE empty (id bigint PRIMARY KEY, note text);
        CREATE TABLE filled AS SELECT g AS id, repeat('x', 100) AS note FROM generate_series(1, 20000) AS g; ANALYZE filled;
        CREATE TABLE parts (id int) PARTITION BY RANGE (id);
        CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (1) TO (1001);
        CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (1001) TO (3001);
        INSERT INTO parts SELECT g FROM generate_series(1, 3000) AS g; ANALYZE parts;
        CREATE SCHEMA hidden;
        CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200),
          type varchar(20), script varchar(1000), checksum int, installed_by varchar(100),
          installed_on timestamp DEFAULT now(), execution_time int, success boolean);
        CREATE TABLE hidden.flyway_schema_history (LIKE flyway_schema_history);
        INSERT INTO flyway_schema_history VALUES (1, '1', 'a', 'SQL', 'V1__a.sql', -5, 'me', '2026-01-02 03:04:05', 7, true);
        GRANT SELECT ON flyway_schema_history TO monitor`);
      session = await labOpener.open(profileOf(lab.primary, 'bound', { user: 'monitor', database }), signal);
    });
    after(() => session.close());

    it('tells rows and bytes, partitions together, and what was never counted as such', async () => {
      await session.read(tableFactsStatement, signal);
      const facts = new Map((await readTables(session, signal)).map((fact) => [fact.name, fact]));
      const empty = facts.get('empty');
      assert.ok(
        empty?.bytes !== null && (empty?.bytes ?? 0) > 0 && (empty?.bytes ?? 0) < 100_000,
        JSON.stringify(empty),
      );
      assert.equal(empty?.rows, null, 'an index has a page, the table was never counted');
      const filled = facts.get('filled');
      assert.equal(filled?.rows, 20_000);
      assert.ok((filled.bytes ?? 0) > 2_000_000 && (filled.bytes ?? 0) < 4_000_000, JSON.stringify(filled));
      assert.equal(facts.get('parts')?.rows, 3000);
      assert.ok((facts.get('parts')?.bytes ?? 0) >= (facts.get('parts_2')?.bytes ?? 0));
    });

    it('says nothing of a table that is locked, and does not wait for it', async () => {
      const holder = await lab.primary.connect({ database });
      try {
        await holder.query('BEGIN; LOCK TABLE empty IN ACCESS EXCLUSIVE MODE');
        const began = Date.now();
        const facts = await readTables(session, signal);
        assert.ok(Date.now() - began < 3000);
        assert.equal(facts.find(({ name }) => name === 'empty')?.bytes, null);
        assert.equal(facts.find(({ name }) => name === 'filled')?.rows, 20_000);
      } finally {
        await holder.end();
      }
    });

    it('reads the history it may read, and tells of the one it may not', async () => {
      const { currentSchema, histories } = await readDatabaseHistories(session, ['flyway_schema_history'], signal);
      assert.equal(currentSchema, 'public');
      assert.deepEqual(
        histories.map(({ schema, rows }) => [
          schema,
          rows?.map(({ version, checksum, installedOn }) => [version, checksum, installedOn]),
        ]),
        [
          ['hidden', undefined],
          ['public', [['1', -5, '2026-01-02 03:04']]],
        ],
      );
      await lab.primary.run(`ALTER DATABASE ${database} SET search_path = '"$user"', hidden, public`);
      assert.equal((await readDatabaseHistories(session, [], signal)).currentSchema, 'hidden');
    });
  });
}
