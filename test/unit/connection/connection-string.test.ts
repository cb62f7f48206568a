import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseConnectionString } from '../../../src/core/connection/connection-string';
import { formatTarget } from '../../../src/core/connection/display';
import type { ConnectionTarget } from '../../../src/core/connection/profile';
import { DatabaseError } from '../../../src/core/ports/database-error';

type Vector = readonly [text: string, target: ConnectionTarget, password?: string];

/** As `psql` 15 takes them; test/database/connection/psql.test.ts compares with the program where it is installed. */
const vectors: readonly Vector[] = [
  ['postgresql://', {}],
  ['postgres://localhost', { host: 'localhost' }],
  ['postgresql://host:5433', { host: 'host', port: 5433 }],
  ['postgresql://host/mydb', { host: 'host', database: 'mydb' }],
  ['postgresql://user@host', { user: 'user', host: 'host' }],
  ['postgresql://uri-user:secret@host', { user: 'uri-user', host: 'host' }, 'secret'],
  ['postgresql://:12345/', { port: 12345 }],
  ['postgresql:///mydb?host=localhost&port=5433', { database: 'mydb', host: 'localhost', port: 5433 }],
  ['postgresql:///mydb', { database: 'mydb' }],
  ['postgresql://[::1]:12345/db', { host: '::1', port: 12345, database: 'db' }],
  ['postgresql://[2001:db8::1]', { host: '2001:db8::1' }],
  ['postgresql://%2Fvar%2Frun%2Fpostgresql:5433/db', { host: '/var/run/postgresql', port: 5433, database: 'db' }],
  [
    'postgresql://host?sslmode=verify-full&sslrootcert=/etc/ca.pem',
    { host: 'host', sslMode: 'verify-full', sslRootCert: '/etc/ca.pem' },
  ],
  ['postgresql://host/db?connect_timeout=3', { host: 'host', database: 'db', connectTimeoutS: 3 }],
  ['postgresql://u%40corp:p%3Aw%2F%3F@host/my%20db', { user: 'u@corp', host: 'host', database: 'my db' }, 'p:w/?'],
  ['postgresql://user:p?x@host/db', { user: 'user', host: 'host', database: 'db' }, 'p?x'],
  ['postgresql://host/db?user=a&password=b', { host: 'host', database: 'db', user: 'a' }, 'b'],
  ['postgresql://name/db?hostaddr=10.0.0.7', { host: 'name', hostAddress: '10.0.0.7', database: 'db' }],
  ['postgresql://host/db?ssl=true', { host: 'host', database: 'db', sslMode: 'require' }],
  ['postgresql://?service=shop', { service: 'shop' }],
  ['host=localhost port=5433 dbname=shop user=bob', { host: 'localhost', port: 5433, database: 'shop', user: 'bob' }],
  ["  host = 'a b' user='o\\'neil' password='p\\\\w x' ", { host: 'a b', user: "o'neil" }, 'p\\w x'],
  ['host=/tmp user=a\\ b', { host: '/tmp', user: 'a b' }],
  ["dbname='' host=h", { host: 'h' }],
  [
    'jdbc:postgresql://host:5432/shop?user=app&password=x',
    { host: 'host', port: 5432, database: 'shop', user: 'app' },
    'x',
  ],
];

function refusal(text: string): DatabaseError {
  try {
    parseConnectionString(text);
  } catch (error) {
    assert.ok(error instanceof DatabaseError);
    assert.equal(error.reason, 'bad-connection-string');
    return error;
  }
  assert.fail(`"${text}" should be refused`);
}

describe('a connection string', () => {
  for (const [text, target, password] of vectors) {
    it(`is read: ${text}`, () => {
      const parsed = parseConnectionString(text);
      assert.deepEqual(parsed.target, target);
      assert.equal(parsed.password, password);
    });
  }

  it('names what is known and not used', () => {
    assert.deepEqual(parseConnectionString('host=h application_name=x options=-csearch_path=y').ignored, [
      'application_name',
      'options',
    ]);
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ['', /empty/],
    ['mysql://host/db', /scheme before/],
    ['jdbc:mysql://host/db', /jdbc:postgresql/],
    ['postgresql://host:port/db', /port must be a whole number/],
    ['postgresql://host:70000', /port must be/],
    ['postgresql://a,b/db', /Several hosts/],
    ['host=a,b', /Several hosts/],
    ['postgresql://[::1/db', /closing bracket/],
    ['postgresql://::1/db', /brackets/],
    ['postgresql://host/db?sslmode=strict', /sslmode must be one of disable/],
    ['postgresql://host/db?nonsense=1', /parameter 1 after "\?" is not one that libpq knows/],
    ['postgresql://host/db?sslmode', /"sslmode" has no value/],
    ['postgresql://us%er@host', /user name holds a "%"/],
    ['postgresql://host/a%00b', /NUL/],
    ['host', /"=" is missing after "host"/],
    ["host='a", /"host" does not end/],
    ['=x', /keyword is missing/],
    ['host=h nonsense=1', /keyword 2 is not one/],
    ['host=h toString=1', /keyword 2 is not one/],
    ['host=h connect_timeout=soon', /whole number of seconds/],
  ];
  for (const [text, message] of refused) {
    it(`is refused: ${text === '' ? '(empty)' : text}`, () => {
      const error = refusal(text);
      assert.match(error.message, message);
      assert.ok(error.remedy);
    });
  }

  const word = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\0'));
  const host = word.filter((text) => !/[,]/.test(text));

  it('gives back every name and password it was built from, as URI', () => {
    fc.assert(
      fc.property(
        word,
        word,
        host,
        word,
        fc.integer({ min: 1, max: 65_535 }),
        (user, password, name, database, port) => {
          const [u, p, h, d] = [user, password, name, database].map(encodeURIComponent);
          const parsed = parseConnectionString(`postgresql://${u}:${p}@${h}:${port}/${d}`);
          assert.deepEqual(parsed.target, { user, host: name, port, database });
          assert.equal(parsed.password, password);
        },
      ),
    );
  });

  it('gives back every name and password it was built from, as keywords', () => {
    const quoted = (value: string): string => `'${value.replace(/[\\']/g, '\\$&')}'`;
    fc.assert(
      fc.property(word, word, host, word, (user, password, name, database) => {
        const parsed = parseConnectionString(
          `user=${quoted(user)} password = ${quoted(password)} host=${quoted(name)}\n dbname=${quoted(database)}`,
        );
        assert.deepEqual(parsed.target, { user, host: name, database });
        assert.equal(parsed.password, password);
      }),
    );
  });

  it('never repeats a password, however broken the string is', () => {
    const secret = 'troubador';
    const piece = fc.constantFrom(
      'postgresql://',
      'user',
      ':',
      '@',
      'host',
      '/',
      '?',
      '&',
      '=',
      '%',
      '%4',
      ' ',
      "'",
      '\\',
      '[',
      ']',
      ',',
      'password',
      'sslmode',
      '5432',
      '🐘',
      secret,
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const text = pieces.join('');
        try {
          const { target, password } = parseConnectionString(text);
          if (password?.includes(secret)) assert.ok(!formatTarget(target).includes(password));
        } catch (error) {
          assert.ok(error instanceof DatabaseError, String(error));
          assert.ok(!`${error.message}${error.remedy ?? ''}${error.stack ?? ''}`.includes(secret), error.message);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a target for people', () => {
  it('says where it leads', () => {
    assert.equal(formatTarget({ host: 'db1', port: 5433, user: 'app', database: 'shop' }), 'app@db1:5433/shop');
    assert.equal(formatTarget({ host: '::1', port: 5432 }), '[::1]:5432');
    assert.equal(formatTarget({}), 'default host');
    assert.equal(formatTarget({ service: 'shop' }), 'service shop');
    assert.equal(formatTarget({ service: 'shop', user: 'me' }), 'service shop · me@');
  });
});
