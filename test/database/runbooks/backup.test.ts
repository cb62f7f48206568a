import assert from 'node:assert/strict';
import { appendFileSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { serverAccount } from '../../lab/account';
import { until } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { testedMajors } from '../../lab/shared-lab';
import { profileOf } from '../support/monitor';
import { RunbookBench } from '../support/runbook';

for (const major of testedMajors) {
  describe(`the backup runbook on PostgreSQL ${major}`, function () {
    this.timeout(90_000);
    let lab: Lab;
    let bench: RunbookBench;
    let archive: string;
    before(async () => {
      // The standby becomes the copy that is restored: it is a base backup.
      lab = await startLab({ major, standbys: 1, settings: { archive_mode: 'on', archive_command: '/bin/true' } });
      archive = path.join(lab.folder, 'archive');
      mkdirSync(archive);
      const account = serverAccount();
      if (account) chownSync(archive, account.uid, account.gid);
      bench = new RunbookBench([
        profileOf(lab.primary, 'shop'),
        profileOf(lab.standbys[0]!, 'copy'),
        profileOf(lab.primary, 'plain', { user: 'plain' }),
      ]);
    });
    after(async () => {
      await bench.close();
      await lab.stop();
    });
    const archiveBy = async (command: string): Promise<void> => {
      await lab.primary.run(`ALTER SYSTEM SET archive_command = '${command.replaceAll("'", "''")}'`);
      await lab.primary.reload();
    };

    it('names an archiver that fails, sees the next segment arrive, and is green', async () => {
      await archiveBy('/bin/false');
      await lab.primary.run('CREATE TABLE before_the_fault AS SELECT 1 AS n');
      await lab.primary.run('SELECT pg_switch_wal()');
      await until('it fails', async () => {
        const [row] = await lab.primary.run<{ n: string }>('SELECT failed_count AS n FROM pg_stat_archiver');
        return Number(row?.n) > 0;
      });
      const book = await bench.open('backup');
      const verdict = await bench.diagnose(book, 'shop');
      assert.match(verdict.markdown, /^\*\*Archiving FAILS at [0-9A-F]{24}/);
      assert.match(verdict.markdown, /SQL does not tell why/);
      const hidden = await bench.run(book, 'archive', 'plain');
      assert.match(hidden.markdown, /hidden from this role/);
      bench.prompts.script(true);
      assert.match((await bench.run(book, 'switch', 'plain')).markdown, /^\*\*Refused\.\*\* .*EXECUTE/);

      await archiveBy(`test ! -f ${archive}/%f && cp %p ${archive}/%f`);
      await lab.primary.run("ALTER SYSTEM SET archive_timeout = '900'");
      await lab.primary.reload();
      bench.prompts.script(true);
      const act = await bench.run(book, 'switch', 'shop');
      assert.match(act.markdown, /^\*\*Done\.\*\* The segment [0-9A-F]{24} is archived/);
      const verify = await bench.run(book, 'verify', 'shop');
      assert.match(verify.markdown, /Good again/);
      assert.match(verify.markdown, /Archiving \| FAILS \| works \| good/);
      assert.match((await bench.run(book, 'settings', 'shop')).markdown, /`test` …, refuses to overwrite/);
    });

    it('tells the last base backup by its label, and what of it is not known', async () => {
      const book = await bench.open('backup');
      const client = await lab.primary.connect();
      const [start, stop] =
        major < 15
          ? ["pg_start_backup('lab', true, false)", 'pg_stop_backup(false)']
          : ["pg_backup_start('lab', true)", 'pg_backup_stop()'];
      await client.query(`SELECT ${start}`);
      await client.query(`SELECT ${stop}`);
      await client.end();
      assert.match(
        (await bench.run(book, 'backups', 'shop')).markdown,
        /The last base backup of this server ended \*\*\d+(\.\d)? s ago\*\*/,
      );
      assert.match((await bench.diagnose(book, 'shop')).markdown, /^\*\*WAL is archived within the RPO/);
      assert.match((await bench.run(book, 'backups', 'plain')).markdown, /\*\*not known:\*\* labels are hidden/);
    });

    it('writes the settings of a restore that a real server takes, and follows it to its target', async () => {
      await lab.primary.run('CREATE TABLE kept AS SELECT 1 AS n');
      await until('the copy has it', async () => {
        const [row] = await lab.standbys[0]!.run<{ found: boolean }>("SELECT to_regclass('kept') IS NOT NULL AS found");
        return row?.found === true;
      });
      await lab.standbys[0]!.stop();
      const [moment] = await lab.primary.run<{ at: string }>(
        'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::text AS at FROM pg_sleep(0.01)',
      );
      await lab.primary.run('INSERT INTO kept VALUES (2)');
      const at = Math.floor(Number(moment!.at)) + 1;
      await lab.primary.run('SELECT pg_switch_wal()');
      await lab.primary.run('CHECKPOINT');
      const book = await bench.open('backup');
      const parameters = { target: { value: String(at), label: '' } };
      const { markdown } = await bench.run(book, 'restore', 'shop', parameters);
      const settings = /```ini\n([^`]+)```/.exec(markdown)?.[1] ?? '';
      assert.match(settings, /recovery_target_time = '\d{4}-.*\+00'/);

      const data = lab.standbys[0]!.dataDirectory;
      rmSync(path.join(data, 'standby.signal'));
      writeFileSync(path.join(data, 'recovery.signal'), '');
      const filled = settings.replace('ARCHIVE', archive);
      appendFileSync(path.join(data, 'postgresql.conf'), `\nprimary_conninfo = ''\nprimary_slot_name = ''\n${filled}`);
      await lab.standbys[0]!.start();
      let verdict = { markdown: '' };
      await until('the target is reached', async () => {
        verdict = await bench.diagnose(book, 'copy');
        return !verdict.markdown.includes('on its way');
      });
      assert.match(verdict.markdown, /^\*\*The restore is paused at recovery\\?_target\\?_time = /);
      assert.deepEqual(await lab.standbys[0]!.run('SELECT n FROM kept'), [{ n: 1 }], 'the row after it is not there');
      bench.prompts.script(true);
      assert.match((await bench.run(book, 'resume', 'shop')).markdown, /not in recovery/);
      bench.prompts.script(true);
      assert.match((await bench.run(book, 'resume', 'copy')).markdown, /^\*\*Done/);
      await until('it takes writes', async () =>
        /it takes writes, on timeline 2/.test((await bench.run(book, 'recovery', 'copy')).markdown),
      );
    });
  });
}
