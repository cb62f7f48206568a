import assert from 'node:assert/strict';
import type { ConnectionTarget } from '../../../src/core/connection/profile';
import { resolveConnection } from '../../../src/core/connection/resolve';
import { serviceFiles } from '../../../src/core/connection/service-lookup';
import { serviceNames, serviceSection } from '../../../src/core/connection/service-file';
import { DatabaseError } from '../../../src/core/ports/database-error';
import { machine } from './machine';

async function refusal(target: ConnectionTarget, system = machine()): Promise<DatabaseError> {
  const error: unknown = await resolveConnection(target, system).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DatabaseError, String(error));
  return error;
}

describe('the resolution of a connection', () => {
  it('takes libpq’s defaults', async () => {
    const at = await resolveConnection({}, machine());
    assert.deepEqual(
      [at.host, at.port, at.user, at.database, at.sslMode, at.connectTimeoutMs, at.password],
      ['localhost', 5432, 'ann', 'ann', 'prefer', 10_000, undefined],
    );
    assert.equal(at.origins['user'], 'default');
  });

  it('takes the local socket where one is, by its port', async () => {
    const system = machine({ PGPORT: '5433' }, { '/tmp/.s.PGSQL.5433': '' });
    assert.equal((await resolveConnection({}, system)).host, '/tmp');
    assert.equal((await resolveConnection({ port: 5434 }, system)).host, 'localhost');
  });

  it('prefers the connection to the service, the service to the environment', async () => {
    const system = machine(
      { PGHOST: 'env', PGPORT: '1111', PGDATABASE: 'envdb', PGUSER: 'envuser', PGCONNECT_TIMEOUT: '7' },
      { '/home/ann/.pg_service.conf': '[shop]\nhost=svc\nport=2222\ndbname=svcdb\n' },
    );
    const at = await resolveConnection({ service: 'shop', host: 'own' }, system);
    assert.deepEqual([at.host, at.port, at.database, at.user], ['own', 2222, 'svcdb', 'envuser']);
    assert.deepEqual(
      [at.origins['host'], at.origins['port'], at.origins['user'], at.origins['sslmode']],
      ['connection', 'service', 'environment', 'default'],
    );
    assert.equal(at.connectTimeoutMs, 7000);
  });

  it('takes the database from the user when there is none', async () => {
    assert.equal((await resolveConnection({ user: 'bob' }, machine())).database, 'bob');
  });

  it('takes the service of the environment, and says where it looked for one that is missing', async () => {
    const file = { '/srv/pg.conf': '[a]\nhost=svc\nuser=x\n' };
    const at = await resolveConnection({}, machine({ PGSERVICE: 'a', PGSERVICEFILE: '/srv/pg.conf' }, file));
    assert.equal(at.host, 'svc');
    const error = await refusal(
      { service: 'b' },
      machine({ PGSERVICEFILE: '/srv/pg.conf', PGSYSCONFDIR: '/etc/pg' }, file),
    );
    assert.equal(error.reason, 'unknown-service');
    assert.match(error.message, /"b" is not defined in \/srv\/pg.conf or \/etc\/pg\/pg_service.conf/);
  });

  it('takes the service file of the system after the own', async () => {
    const system = machine({ PGSYSCONFDIR: '/etc/pg' }, { '/etc/pg/pg_service.conf': '[s]\nhost=far\n' });
    assert.equal((await resolveConnection({ service: 's' }, system)).host, 'far');
    assert.equal(
      serviceFiles(machine({}, {}, { windows: true }))[0],
      '/home/ann/AppData/Roaming/postgresql/.pg_service.conf',
    );
  });

  it('connects to the address and knows the server by its name', async () => {
    const at = await resolveConnection({ host: 'name', hostAddress: '10.0.0.7' }, machine());
    assert.deepEqual([at.host, at.address], ['name', '10.0.0.7']);
  });

  it('names the variable or the service that cannot be', async () => {
    assert.match((await refusal({}, machine({ PGPORT: 'many' }))).message, /^PGPORT must be a whole number/);
    assert.match((await refusal({}, machine({ PGSSLMODE: 'x' }))).message, /^PGSSLMODE must be one of/);
    assert.match((await refusal({}, machine({ PGHOST: 'a,b' }))).message, /^PGHOST lists several hosts/);
    const service = machine({}, { '/home/ann/.pg_service.conf': '[s]\nport=x\n' });
    assert.match((await refusal({ service: 's' }, service)).message, /^"port" of the service "s" must be/);
  });

  it('finds certificates where libpq does', async () => {
    const files = { '/home/ann/.postgresql/root.crt': '', '/home/ann/.postgresql/postgresql.crt': '' };
    const at = await resolveConnection({}, machine({}, files));
    assert.equal(at.sslRootCert, '/home/ann/.postgresql/root.crt');
    assert.equal(at.sslCert, '/home/ann/.postgresql/postgresql.crt');
    assert.equal(at.sslKey, undefined);
    assert.equal((await resolveConnection({ sslRootCert: '/x' }, machine({}, files))).sslRootCert, '/x');
  });

  it('finds the home directory behind ~, and keeps a time-out within an hour', async () => {
    const at = await resolveConnection({ sslRootCert: '~/ca.pem', sslKey: 'a/~/k', connectTimeoutS: 1e9 }, machine());
    assert.deepEqual([at.sslRootCert, at.sslKey, at.connectTimeoutMs], ['/home/ann/ca.pem', 'a/~/k', 3_600_000]);
    assert.equal((await resolveConnection({ connectTimeoutS: 0 }, machine())).connectTimeoutMs, 10_000);
  });

  it('checks the name too when the authorities are the well-known ones', async () => {
    assert.equal((await resolveConnection({ sslRootCert: 'system' }, machine())).sslMode, 'verify-full');
    const error = await refusal({ sslRootCert: 'system', sslMode: 'verify-ca' });
    assert.equal(error.reason, 'bad-connection-string');
    assert.match(error.message, /verify-full only/);
  });
});

describe('the password', () => {
  const file = { '/home/ann/.pgpass': 'db1:5432:*:*:from-file' };
  const passwordOf = async (target: ConnectionTarget, system = machine(), stored?: string): Promise<unknown> =>
    (await resolveConnection(target, system, stored)).password;

  it('comes from the secret storage, the service, PGPASSWORD, the password file, in this order', async () => {
    const service = { ...file, '/home/ann/.pg_service.conf': '[s]\npassword= spaced\n' };
    const environment = { PGPASSWORD: 'from-env' };
    const target = { host: 'db1', service: 's' };
    assert.deepEqual(await passwordOf(target, machine(environment, service), 'stored'), {
      value: 'stored',
      from: 'the secret storage',
    });
    assert.deepEqual(await passwordOf(target, machine(environment, service)), {
      value: ' spaced',
      from: 'the service file',
    });
    assert.deepEqual(await passwordOf({ host: 'db1' }, machine(environment, service)), {
      value: 'from-env',
      from: 'PGPASSWORD',
    });
    assert.deepEqual(await passwordOf({ host: 'db1' }, machine({}, file)), {
      value: 'from-file',
      from: '/home/ann/.pgpass',
    });
    assert.equal(await passwordOf({ host: 'db2' }, machine({}, file)), undefined);
    assert.deepEqual(
      await passwordOf({ host: 'db1' }, machine({}, file), ''),
      await passwordOf({ host: 'db1' }, machine({}, file)),
    );
  });

  it('is not taken from a file that others can read, and says so', async () => {
    const open = machine({}, { '/home/ann/.pgpass': { content: '*:*:*:*:x', mode: 0o644 } });
    const at = await resolveConnection({ host: 'db1' }, open);
    assert.equal(at.password, undefined);
    assert.match(at.notices.join(), /\.pgpass is ignored.*chmod 600/);
    const windows = machine(
      { APPDATA: 'C:/Users/ann' },
      { 'C:/Users/ann/postgresql/pgpass.conf': { content: '*:*:*:*:x', mode: 0o666 } },
      { windows: true },
    );
    assert.deepEqual(await passwordOf({ host: 'db1' }, windows), {
      value: 'x',
      from: 'C:/Users/ann/postgresql/pgpass.conf',
    });
  });

  it('comes from the file that is named, whose absence is worth a word', async () => {
    const system = machine({ PGPASSFILE: '/srv/pass' }, { '/srv/pass': '*:*:*:*:named' });
    assert.deepEqual(await passwordOf({ host: 'h' }, system), { value: 'named', from: '/srv/pass' });
    assert.match((await resolveConnection({ passfile: '/gone' }, machine())).notices.join(), /\/gone is missing/);
    assert.deepEqual((await resolveConnection({}, machine())).notices, []);
  });
});

describe('a service file', () => {
  it('gives the first section of the name, the first entry of a keyword', () => {
    const content = '# comment\n[a]\nhost=one\n host=two\nport=5433  \n\n[b]\nhost=b\n[a]\nhost=three\nuser=x\n';
    assert.deepEqual(Object.fromEntries(serviceSection(content, 'a') ?? []), { host: 'one', port: '5433' });
    assert.equal(serviceSection(content, 'c'), undefined);
    assert.deepEqual(serviceNames(content), ['a', 'b', 'a']);
  });
});
