import assert from 'node:assert/strict';
import { exhaustion, standbyStopped, until, writeWal } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import type { LabServer } from '../../lab/server';
import { testedMajors } from '../../lab/shared-lab';
import { TcpProxy } from '../../lab/tcp-proxy';
import { profileOf } from '../support/monitor';
import { RunbookBench } from '../support/runbook';

for (const major of testedMajors) {
  describe(`the database unavailable runbook on PostgreSQL ${major}`, function () {
    this.timeout(120_000);
    let lab: Lab;
    let other: Lab;
    let primary: LabServer;
    let bench: RunbookBench;
    let proxy: TcpProxy;
    const fenced = 'Yes, it cannot take writes again';
    before(async () => {
      [lab, other] = [
        await startLab({ major, standbys: 2, settings: { max_connections: '20', max_wal_senders: '5' } }),
        await startLab({ major }),
      ];
      primary = lab.primary;
      proxy = await TcpProxy.start(primary);
      const on = (id: string, target: object): ReturnType<typeof profileOf> => ({
        ...profileOf(primary, id),
        target: { ...profileOf(primary, id).target, ...target },
      });
      bench = new RunbookBench([
        profileOf(primary, 'shop'),
        profileOf(lab.standbys[0]!, 'replica-a'),
        profileOf(lab.standbys[1]!, 'replica-b'),
        profileOf(other.primary, 'billing'),
        on('no-name', { host: 'nowhere.invalid' }),
        on('no-port', { port: 1 }),
        on('proxied', { port: proxy.port, connectTimeoutS: 2 }),
        on('tls', { sslMode: 'require' }),
        on('no-database', { database: 'nothing here' }),
        on('no-role', { user: 'nobody "x"' }),
        profileOf(primary, 'plain', { user: 'plain' }),
      ]);
    });
    after(async () => {
      await bench.close();
      await proxy.stop();
      await Promise.all([lab.stop(), other.stop()]);
    });
    const verdictOn = async (id: string): Promise<string> =>
      (await bench.diagnose(await bench.open('database-unavailable'), id)).markdown;

    it('says where the way ends, stage by stage', async () => {
      assert.match(await verdictOn('shop'), /^\*\*The server is up and takes a new login/);
      assert.match(await verdictOn('no-name'), /^\*\*The name of the server leads nowhere/);
      assert.match(await verdictOn('tls'), /^\*\*The server answers, and TLS fails/);
      assert.match(await verdictOn('no-role'), /^\*\*The server answers, and refuses this login/);
      assert.match(await verdictOn('no-database'), /^\*\*The server is up; the database is not there/);
      assert.match(await verdictOn('replica-a'), /^\*\*The server answers as a STANDBY/);
      const book = await bench.open('database-unavailable');
      const reach = (await bench.run(book, 'reach', 'no-role')).markdown;
      assert.match(
        reach,
        /Something listens there \| passed \|[^]*The login is accepted \| \*\*ends here\*\*[^]*takes the session in \| not come to/,
      );
    });

    it('does not call a full server down, nor one that is only hard to reach', async () => {
      const crowd = await exhaustion(primary);
      assert.match(await verdictOn('plain'), /^\*\*The server is up and full/);
      await crowd.heal();
      proxy.set({ kind: 'blackhole' });
      const verdict = await verdictOn('proxied');
      proxy.set({ kind: 'none' });
      // The standbys follow another port than the proxy's: which server that is, is not told from here.
      assert.match(verdict, /Nothing answers at the address of the server/);
    });

    it('sees by the standbys that the server lives where only the way to it is broken', async () => {
      const book = await bench.open('database-unavailable');
      const { markdown, next } = await bench.diagnose(book, 'shop');
      assert.match(markdown, /is up/);
      assert.equal(next, undefined);
      // The same server, as it looks when the login fails half-way: the name and the port are right.
      bench.profiles.replace(
        bench.profiles
          .list()
          .map((profile) =>
            profile.id === 'shop' ? { ...profile, target: { ...profile.target, sslMode: 'require' } } : profile,
          ),
      );
      const refused = bench.prompts;
      refused.script('replica', fenced, true);
      const result = await bench.run(book, 'promote', 'shop');
      assert.match(result.markdown, /Refused\.\*\*[^]*still receives WAL: its primary lives/);
      bench.profiles.replace(
        bench.profiles.list().map((profile) => (profile.id === 'shop' ? profileOf(primary, 'shop') : profile)),
      );
    });

    it('promotes the most advanced standby, once, when the primary is gone and fenced', async () => {
      // One standby falls behind before the primary dies.
      const behind = await standbyStopped(lab.standbys[1]!);
      await writeWal(primary, 4 * 1024 ** 2);
      await until(
        'one has all',
        async () =>
          (await primary.run('SELECT 1 FROM pg_stat_replication WHERE flush_lsn = pg_current_wal_lsn()')).length === 1,
        20_000,
      );
      const book = await bench.open('database-unavailable');
      bench.prompts.script('replica-a', fenced, true);
      const alive = await bench.run(book, 'promote', 'shop');
      assert.match(alive.markdown, /Refused\.\*\* shop still answers and takes writes: it is not fenced/);
      assert.ok(!bench.prompts.asked.some(({ kind }) => kind === 'confirm'));

      await primary.kill();
      await behind.heal();
      await until('both are orphans', async () => {
        const rows = await Promise.all(
          lab.standbys.map((one) => one.run("SELECT 1 FROM pg_stat_wal_receiver WHERE status = 'streaming'")),
        );
        return rows.every((found) => found.length === 0);
      });
      const verdict = await bench.diagnose(book, 'shop');
      assert.match(verdict.markdown, /^\*\*The server is down: nothing answers, and no standby receives from it/);
      assert.match(verdict.markdown, /replica-a has the most/);
      assert.equal(verdict.next, 'promote');
      const standbys = (await bench.run(book, 'standbys', 'shop')).markdown;
      assert.match(standbys, /replica-a \*\*\(most advanced\)\*\*[^\n]*\n\| replica-b .* MB \|/);
      const still = await bench.run(book, 'verify', 'shop');
      assert.ok(still.failed, 'the primary of another cluster is no proof');

      bench.prompts.script('replica-a', 'No', true);
      assert.match(
        (await bench.run(book, 'promote', 'shop')).markdown,
        /Nothing was done: fence the old primary first/,
      );
      bench.prompts.script('replica-b', fenced, false);
      await bench.run(book, 'promote', 'shop');
      const asked = bench.prompts.asked.at(-1);
      assert.ok(
        asked?.kind === 'confirm' &&
          /WARNING: another standby has received \d+(\.\d)? MB more/.test(asked.question.detail),
      );

      bench.prompts.script('replica-a', fenced, true);
      const done = await bench.run(book, 'promote', 'shop');
      assert.match(done.markdown, /^\*\*Done\.\*\* replica-a is the primary\. On replica-a/);
      const verify = await bench.run(book, 'verify', 'shop');
      assert.match(verify.markdown, /Good again[^]*A primary that takes writes \| none known \| replica-a \| good/);
      assert.deepEqual(
        bench.audit.actions('replica-a', 0, Infinity).map(({ outcome }) => outcome),
        ['done'],
      );
      const [a] = await lab.standbys[0]!.run<{ r: boolean }>('SELECT pg_is_in_recovery() AS r');
      const [b] = await lab.standbys[1]!.run<{ r: boolean }>('SELECT pg_is_in_recovery() AS r');
      assert.deepEqual([a?.r, b?.r], [false, true]);
      bench.prompts.script('replica-a', fenced, true);
      assert.match(
        (await bench.run(book, 'promote', 'shop')).markdown,
        /Nothing was done/,
        'it is no standby any more',
      );
    });
  });
}
