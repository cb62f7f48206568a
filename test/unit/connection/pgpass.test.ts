import assert from 'node:assert/strict';
import fc from 'fast-check';
import { passwordFromFile } from '../../../src/core/connection/pgpass';

const key = { host: 'db1', port: 5432, database: 'shop', user: 'app' };

describe('the password file', () => {
  const vectors: readonly (readonly [name: string, content: string, expected: string | undefined])[] = [
    ['a line of five fields', 'db1:5432:shop:app:secret', 'secret'],
    ['wildcards', '*:*:*:*:any', 'any'],
    ['the first match, not the best', '*:*:*:*:first\ndb1:5432:shop:app:second', 'first'],
    ['no match', 'db2:5432:shop:app:x\ndb1:5433:shop:app:x\ndb1:5432:other:app:x\ndb1:5432:shop:me:x', undefined],
    ['comments and empty lines', '# db1:5432:shop:app:no\n\ndb1:5432:shop:app:yes', 'yes'],
    ['Windows line ends', 'db1:5432:shop:app:secret\r\n', 'secret'],
    ['an escaped colon and backslash', 'db1:5432:shop:app:a\\:b\\\\c', 'a:b\\c'],
    ['a bare colon ends the password', 'db1:5432:shop:app:a:b', 'a'],
    ['spaces belong to the password', 'db1:5432:shop:app: a b ', ' a b '],
    ['a first match without password stops the search', 'db1:5432:shop:app:\n*:*:*:*:x', undefined],
    ['too few fields', 'db1:5432:shop:secret', undefined],
    ['an escaped star is a star', 'db1:5432:shop:\\*:x', undefined],
    ['a star inside a name is a character', 'db*:5432:shop:app:x', undefined],
    ['spaces before the host belong to it', ' db1:5432:shop:app:x', undefined],
  ];
  for (const [name, content, expected] of vectors) {
    it(`reads ${name}`, () => assert.equal(passwordFromFile(content, key), expected));
  }

  it('looks the default sockets up as localhost, others by their directory', () => {
    const content = 'localhost:*:*:*:local\n/srv/pg:*:*:*:other';
    assert.equal(passwordFromFile(content, { ...key, host: '/var/run/postgresql' }), 'local');
    assert.equal(passwordFromFile(content, { ...key, host: '/tmp' }), 'local');
    assert.equal(passwordFromFile(content, { ...key, host: '/srv/pg' }), 'other');
  });

  it('finds every name and password that was written escaped', () => {
    const word = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !/[\r\n\0]/.test(text));
    const escape = (text: string): string => text.replace(/[\\:]/g, '\\$&');
    fc.assert(
      fc.property(word, word, word, word, (host, database, user, password) => {
        // A host that begins with "#" reads as a comment and one of "*" alone as a wildcard, in libpq too.
        fc.pre(!host.startsWith('#'));
        const line = [host, '5432', database, user, password].map(escape).join(':');
        assert.equal(passwordFromFile(`nobody:1:x:y:z\n${line}\n`, { host, port: 5432, database, user }), password);
      }),
    );
  });
});
