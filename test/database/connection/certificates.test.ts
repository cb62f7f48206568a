import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, chown, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ConnectionTarget } from '../../../src/core/connection/profile';
import { isAbort } from '../../../src/core/ports/database-error';
import { serverAccount } from '../../lab/account';
import { startLab, type Lab } from '../../lab/lab';
import { failure, open, statement } from './opening';

/** Certificates made on the spot, for what a fixture of a hundred years cannot show. */
describe('TLS with certificates of the day', function () {
  let folder: string;
  let lab: Lab;
  const file = (name: string): string => path.join(folder, name);

  before(async function () {
    if (spawnSync('openssl', ['version']).status !== 0) {
      console.log('      openssl is not installed; client and expired certificates are skipped.');
      this.skip();
    }
    folder = await mkdtemp(path.join(tmpdir(), 'dbops-tls-'));
    await chmod(folder, 0o755);
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      file('ca.key'),
      '-out',
      file('ca.crt'),
      '-subj',
      '/CN=lab authority',
      '-days',
      '30',
    );
    await sign('server', '/CN=localhost', '-1', 'subjectAltName=DNS:localhost,IP:127.0.0.1');
    await sign('client', '/CN=plain', '30');
    await copyFile(file('server.key'), file('postgres.key'));
    await chmod(file('postgres.key'), 0o600);
    const account = serverAccount();
    if (account) await chown(file('postgres.key'), account.uid, account.gid);
    lab = await startLab({
      settings: {
        ssl: 'on',
        ssl_cert_file: file('server.crt'),
        ssl_key_file: file('postgres.key'),
        ssl_ca_file: file('ca.crt'),
      },
      hba: [
        'hostssl all plain 127.0.0.1/32 cert',
        'hostssl all monitor 127.0.0.1/32 reject',
        'host all monitor 127.0.0.1/32 scram-sha-256',
        'hostnossl all plain 127.0.0.1/32 reject',
      ],
    });
  });
  after(async () => {
    await (lab as Lab | undefined)?.stop();
    if (folder) await rm(folder, { recursive: true });
  });

  function openssl(...args: string[]): void {
    const result = spawnSync('openssl', args, { encoding: 'utf8' });
    if (result.status !== 0) throw new Error(`openssl ${args[0] ?? ''}: ${result.stderr}`);
  }

  /** `days` below 0 makes a certificate that has expired. */
  async function sign(name: string, subject: string, days: string, extension?: string): Promise<void> {
    openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      file(`${name}.key`),
      '-out',
      file(`${name}.csr`),
      '-subj',
      subject,
    );
    await chmod(file(`${name}.key`), 0o600);
    await writeFile(file('ext'), `${extension ?? 'basicConstraints=CA:FALSE'}\n`);
    openssl(
      'x509',
      '-req',
      '-in',
      file(`${name}.csr`),
      '-CA',
      file('ca.crt'),
      '-CAkey',
      file('ca.key'),
      '-CAcreateserial',
      '-days',
      days,
      '-extfile',
      file('ext'),
      '-out',
      file(`${name}.crt`),
    );
  }

  const encrypted = statement('SELECT ssl AS on FROM pg_stat_ssl WHERE pid = pg_backend_pid()', (raw) => raw['on']);
  async function works(target: ConnectionTarget, password: string | null = lab.primary.password): Promise<unknown> {
    const session = await open(lab.primary, target, password);
    const [row] = await session.read(encrypted);
    await session.close();
    return row;
  }

  it('names an expired certificate', async () => {
    const error = await failure(open(lab.primary, { sslMode: 'verify-ca', sslRootCert: file('ca.crt') }));
    assert.equal(error.reason, 'tls-untrusted');
    assert.match(error.message, /has expired/);
    assert.equal(await works({ sslMode: 'require' }), true, 'without a root certificate nothing is checked');
  });

  it('logs in with a client certificate, and cancels with it', async () => {
    const target = {
      user: 'plain',
      sslMode: 'require',
      sslCert: file('client.crt'),
      sslKey: file('client.key'),
    } as const;
    assert.equal(await works(target, null), true);
    const session = await open(lab.primary, target, null);
    const controller = new AbortController();
    const running = session.read(
      statement('SELECT pg_sleep(60)', (raw) => raw, { timeoutMs: 60_000 }),
      controller.signal,
    );
    setTimeout(() => controller.abort(), 100);
    await assert.rejects(running, isAbort);
    const started = Date.now();
    assert.deepEqual(await session.read(encrypted), [true]);
    assert.ok(Date.now() - started < 5000, 'the next statement does not wait for the sleep');
    await session.close();
  });

  it('says what is wrong with a client certificate', async () => {
    const target = { user: 'plain', sslMode: 'require' } as const;
    const none = await failure(open(lab.primary, target));
    assert.equal(none.reason, 'no-pg-hba-entry');
    assert.match(none.message, /certificate/);
    const keyless = await failure(open(lab.primary, { ...target, sslCert: file('client.crt') }));
    assert.match(keyless.message, /no key for it/);
    await chmod(file('client.key'), 0o644);
    const shared = await failure(
      open(lab.primary, { ...target, sslCert: file('client.crt'), sslKey: file('client.key') }),
    );
    assert.equal(shared.reason, 'tls-failed');
    assert.match(shared.remedy ?? '', /chmod 600/);
    await chmod(file('client.key'), 0o600);
    await writeFile(file('broken.key'), 'no key', { mode: 0o600 });
    const broken = await failure(
      open(lab.primary, { ...target, sslCert: file('client.crt'), sslKey: file('broken.key') }),
    );
    assert.equal(broken.reason, 'tls-failed');
  });

  it('falls back as libpq does when pg_hba.conf refuses one kind of connection', async () => {
    assert.equal(await works({ user: 'monitor', sslMode: 'prefer' }), false);
    const error = await failure(open(lab.primary, { user: 'monitor', sslMode: 'require' }));
    assert.equal(error.reason, 'no-pg-hba-entry');
    const client = { sslCert: file('client.crt'), sslKey: file('client.key') };
    assert.equal(await works({ user: 'plain', sslMode: 'allow', ...client }, null), true);
  });
});
