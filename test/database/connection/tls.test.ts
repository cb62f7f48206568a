import assert from 'node:assert/strict';
import path from 'node:path';
import type { ConnectionTarget } from '../../../src/core/connection/profile';
import { isAbort } from '../../../src/core/ports/database-error';
import { until } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { projectRoot } from '../../lab/project-root';
import { sharedLab } from '../../lab/shared-lab';
import { failure, open, statement } from './opening';

describe('TLS as libpq has it', () => {
  const authority = path.join(projectRoot, 'test/fixtures/tls/ca.crt');
  const stranger = path.join(projectRoot, 'test/fixtures/tls/other-ca.crt');
  for (const tls of ['server', 'wrong-host'] as const) {
    describe(`with the certificate "${tls}"`, () => {
      let lab: Lab;
      before(async () => {
        lab = await sharedLab({ tls });
      });
      const encrypted = statement('SELECT ssl AS on FROM pg_stat_ssl WHERE pid = pg_backend_pid()', (raw) => raw['on']);
      const works = async (extra: ConnectionTarget): Promise<unknown> => {
        const session = await open(lab.primary, extra);
        const [row] = await session.read(encrypted);
        await session.close();
        return row;
      };

      it('encrypts as the mode says', async () => {
        assert.equal(await works({ sslMode: 'disable' }), false);
        assert.equal(await works({ sslMode: 'allow' }), false);
        assert.equal(await works({ sslMode: 'prefer' }), true);
        assert.equal(await works({}), true, 'prefer is the default');
        assert.equal(await works({ sslMode: 'require' }), true);
        assert.equal(await works({ sslMode: 'verify-ca', sslRootCert: authority }), true);
      });

      it('refuses an unknown authority and, with verify-full, a wrong name', async () => {
        for (const sslMode of ['require', 'verify-ca', 'verify-full'] as const) {
          assert.equal(
            (await failure(open(lab.primary, { sslMode, sslRootCert: stranger }))).reason,
            'tls-untrusted',
            sslMode,
          );
        }
        assert.equal(
          (await failure(open(lab.primary, { sslMode: 'verify-full' }))).reason,
          'tls-untrusted',
          'no root certificate',
        );
        const full = { sslMode: 'verify-full', sslRootCert: authority } as const;
        for (const host of ['127.0.0.1', 'localhost']) {
          if (tls === 'server') assert.equal(await works({ ...full, host }), true);
          else assert.equal((await failure(open(lab.primary, { ...full, host }))).reason, 'tls-hostname');
        }
      });
    });
  }

  it('does not send a wrong password again in clear', async () => {
    const lab = await startLab({ tls: 'server', settings: { log_min_messages: 'warning' } });
    try {
      assert.equal((await failure(open(lab.primary, { sslMode: 'prefer' }, 'wrong'))).reason, 'password-wrong');
      const log = await lab.primary.log();
      assert.equal(log.match(/password authentication failed/g)?.length, 1);
    } finally {
      await lab.stop();
    }
  });

  it('cancels over TLS', async () => {
    const lab = await sharedLab({ tls: 'server' });
    const session = await open(lab.primary, { sslMode: 'require' });
    const controller = new AbortController();
    const running = session.read(
      statement('SELECT pg_sleep(60)', (raw) => raw, { timeoutMs: 60_000 }),
      controller.signal,
    );
    setTimeout(() => controller.abort(), 300);
    await assert.rejects(running, isAbort);
    await until(
      'it is cancelled',
      async () =>
        (
          await lab.primary.run(
            "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state = 'active' AND pid <> pg_backend_pid()",
          )
        ).length === 0,
    );
    await session.close();
  });
});
