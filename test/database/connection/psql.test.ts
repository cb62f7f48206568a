import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseConnectionString } from '../../../src/core/connection/connection-string';
import { DatabaseError } from '../../../src/core/ports/database-error';
import { quoteIdentifier } from '../../../src/core/sql/identifier';
import { localSystem } from '../../../src/postgres/local-system';
import { PostgresOpener } from '../../../src/postgres/postgres-opener';
import { startLab, type Lab } from '../../lab/lab';
import { projectRoot } from '../../lab/project-root';
import { statement } from './opening';

interface Case {
  readonly name: string;
  readonly text: string;
  readonly environment?: Record<string, string>;
  /** Files under the home directory. */
  readonly files?: Record<string, string | { content: string; mode: number }>;
  /** What both must come to: user, database, TLS, or a refusal. */
  readonly expected: string;
}

const query =
  "SELECT current_user || '|' || current_database() || '|' || ssl AS place FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
const oddUser = `o'neil: \\ "x" 🐘`;
const oddPassword = `p:w\\d @/?#%'🐘 `;

/** The same strings, files and variables given to `psql` and to this product lead to the same place. */
describe('connection strings beside psql', function () {
  let lab: Lab;
  let home: string;
  before(async function () {
    if (spawnSync('psql', ['--version']).status !== 0) {
      console.log('      psql is not installed; the comparison with libpq is skipped.');
      this.skip();
    }
    lab = await startLab({ tls: 'server' });
    await lab.primary.run(
      `CREATE ROLE ${quoteIdentifier(oddUser)} LOGIN PASSWORD '${oddPassword.replaceAll("'", "''")}'`,
    );
    await lab.primary.run('CREATE DATABASE "my db"');
  });
  after(async () => (lab as Lab | undefined)?.stop());
  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'dbops-home-'));
  });
  afterEach(() => rm(home, { recursive: true }));

  const tls = (name: string): string => path.join(projectRoot, 'test/fixtures/tls', name);
  const word = encodeURIComponent;
  /** PORT and PW stand for those of the lab. */
  const cases: readonly Case[] = [
    { name: 'a URI', text: 'postgresql://monitor:PW@127.0.0.1:PORT/postgres', expected: 'monitor|postgres|true' },
    {
      name: 'a percent-encoded URI',
      text: `postgres://${word(oddUser)}:${word(oddPassword)}@localhost:PORT/my%20db?sslmode=disable`,
      expected: `${oddUser}|my db|false`,
    },
    {
      name: 'parameters of a URI',
      text: 'postgresql:///postgres?host=127.0.0.1&port=PORT&user=plain&password=PW&sslmode=require',
      expected: 'plain|postgres|true',
    },
    {
      name: 'keywords with quotes',
      text: `host = 127.0.0.1 port=PORT dbname='my db' user='${oddUser.replace(/[\\']/g, '\\$&')}' password='${oddPassword.replace(/[\\']/g, '\\$&')}'`,
      expected: `${oddUser}|my db|true`,
    },
    {
      name: 'hostaddr',
      text: 'host=nowhere.invalid hostaddr=127.0.0.1 port=PORT dbname=postgres user=monitor password=PW',
      expected: 'monitor|postgres|true',
    },
    {
      name: 'the environment',
      text: 'postgresql://',
      environment: {
        PGHOST: '127.0.0.1',
        PGPORT: 'PORT',
        PGUSER: 'monitor',
        PGPASSWORD: 'PW',
        PGDATABASE: 'my db',
        PGSSLMODE: 'disable',
      },
      expected: 'monitor|my db|false',
    },
    {
      name: 'the string before the environment',
      text: 'postgresql://127.0.0.1:PORT/postgres',
      environment: { PGPORT: '1', PGUSER: 'plain', PGPASSWORD: 'PW', PGDATABASE: 'none' },
      expected: 'plain|postgres|true',
    },
    {
      name: 'a service before the environment',
      text: 'service=shop',
      environment: { PGUSER: 'plain', PGPASSWORD: 'PW' },
      files: {
        '.pg_service.conf': '# c\n[other]\nhost=x\n[shop]\nhost=127.0.0.1\nport=PORT\nuser=monitor\ndbname=postgres\n',
      },
      expected: 'monitor|postgres|true',
    },
    {
      name: 'the service of the environment, the string before it',
      text: 'postgresql://?user=plain',
      environment: { PGSERVICE: 'shop', PGPASSWORD: 'PW' },
      files: { '.pg_service.conf': '[shop]\nhost=127.0.0.1\nport=PORT\nuser=monitor\ndbname=my db\n' },
      expected: 'plain|my db|true',
    },
    {
      name: 'a service that is missing',
      text: 'service=gone',
      files: { '.pg_service.conf': '[shop]\nhost=x\n' },
      expected: 'refused',
    },
    {
      name: 'a password file with escapes',
      text: `postgresql://${word(oddUser)}@127.0.0.1:PORT/postgres`,
      files: {
        '.pgpass': `127.0.0.1:PORT:*:${oddUser.replace(/[\\:]/g, '\\$&')}:${oddPassword.replace(/[\\:]/g, '\\$&')}\n`,
      },
      expected: `${oddUser}|postgres|true`,
    },
    {
      name: 'the first line of a password file, though wrong',
      text: 'postgresql://monitor@127.0.0.1:PORT/postgres',
      files: { '.pgpass': '*:*:*:*:wrong\n127.0.0.1:PORT:postgres:monitor:PW\n' },
      expected: 'refused',
    },
    {
      name: 'a first line without password',
      text: 'postgresql://monitor@127.0.0.1:PORT/postgres',
      files: { '.pgpass': '*:*:*:monitor:\n*:*:*:*:PW\n' },
      expected: 'refused',
    },
    {
      name: 'the name, not the address, in the password file',
      text: 'host=shop.invalid hostaddr=127.0.0.1 port=PORT user=monitor dbname=postgres',
      files: { '.pgpass': '127.0.0.1:*:*:*:wrong\nshop.invalid:*:*:*:PW\n' },
      expected: 'monitor|postgres|true',
    },
    {
      name: 'a password file that others can read',
      text: 'postgresql://monitor@127.0.0.1:PORT/postgres',
      files: { '.pgpass': { content: '*:*:*:*:PW\n', mode: 0o640 } },
      expected: 'refused',
    },
    {
      name: 'the password file of the environment',
      text: 'postgresql://monitor@127.0.0.1:PORT/postgres',
      environment: { PGPASSFILE: 'HOME/pass' },
      files: { pass: '*:*:*:*:PW\n', '.pgpass': '*:*:*:*:wrong\n' },
      expected: 'monitor|postgres|true',
    },
    {
      name: 'require with a root certificate of a stranger',
      text: `postgresql://monitor:PW@localhost:PORT/postgres?sslmode=require&sslrootcert=${tls('other-ca.crt')}`,
      expected: 'refused',
    },
    {
      name: 'verify-full',
      text: `postgresql://monitor:PW@localhost:PORT/postgres?sslmode=verify-full&sslrootcert=${tls('ca.crt')}`,
      expected: 'monitor|postgres|true',
    },
    {
      name: 'verify-full without a root certificate',
      text: 'postgresql://monitor:PW@localhost:PORT/postgres?sslmode=verify-full',
      expected: 'refused',
    },
    {
      name: 'verify-full by a name given beside the address',
      text: `host=other.invalid hostaddr=127.0.0.1 port=PORT user=monitor password=PW dbname=postgres sslmode=verify-full sslrootcert=${tls('ca.crt')}`,
      expected: 'refused',
    },
    {
      name: 'verify-ca does not ask for the name',
      text: `host=other.invalid hostaddr=127.0.0.1 port=PORT user=monitor password=PW dbname=postgres sslmode=verify-ca sslrootcert=${tls('ca.crt')}`,
      expected: 'monitor|postgres|true',
    },
    {
      name: 'the word "ssl"',
      text: 'postgresql://monitor:PW@localhost:PORT/postgres?ssl=true',
      expected: 'monitor|postgres|true',
    },
    { name: 'a port that is none', text: 'postgresql://monitor:PW@localhost:none/postgres', expected: 'refused' },
    {
      name: 'an unknown parameter',
      text: 'postgresql://monitor:PW@localhost:PORT/postgres?colour=red',
      expected: 'refused',
    },
    { name: 'a broken percent sign', text: 'postgresql://monitor:PW@localhost:PORT/post%gres', expected: 'refused' },
    { name: 'an open quote', text: "host=localhost port=PORT user=monitor password='PW", expected: 'refused' },
  ];

  for (const one of cases) {
    it(one.name, async () => {
      const fill = (text: string): string =>
        text
          .replaceAll('PORT', String(lab.primary.port))
          .replaceAll('PW', lab.primary.password)
          .replaceAll('HOME', home);
      const environment = Object.fromEntries(
        Object.entries(one.environment ?? {}).map(([key, value]) => [key, fill(value)]),
      );
      await mkdir(home, { recursive: true });
      for (const [file, entry] of Object.entries(one.files ?? {})) {
        const { content, mode } = typeof entry === 'string' ? { content: entry, mode: 0o600 } : entry;
        await writeFile(path.join(home, file), fill(content));
        await chmod(path.join(home, file), mode);
      }
      assert.equal(byPsql(fill(one.text), environment), one.expected, 'psql');
      assert.equal(await byUs(fill(one.text), environment), one.expected, 'DB Ops Panel');
    });
  }

  function byPsql(text: string, environment: Record<string, string>): string {
    const result = spawnSync('psql', ['-X', '-w', '-A', '-t', '-c', query, text], {
      env: { PATH: process.env['PATH'], HOME: home, ...environment },
      encoding: 'utf8',
      timeout: 15_000,
    });
    return result.status === 0 ? result.stdout.replace(/\n$/, '') : 'refused';
  }

  async function byUs(text: string, environment: Record<string, string>): Promise<string> {
    try {
      const { target, password } = parseConnectionString(text);
      const system = { ...localSystem(environment), homeDirectory: home };
      const opener = new PostgresOpener({ password: () => Promise.resolve(password) }, system);
      const profile = { id: 'x', name: 'x', environment: 'development', readOnly: true, target } as const;
      const session = await opener.open(profile, new AbortController().signal);
      const [place] = await session.read(statement(query, (raw) => String(raw['place'])));
      await session.close();
      return place ?? 'nothing';
    } catch (error) {
      assert.ok(error instanceof DatabaseError, String(error));
      return 'refused';
    }
  }
});
