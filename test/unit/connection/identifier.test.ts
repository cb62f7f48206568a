import assert from 'node:assert/strict';
import fc from 'fast-check';
import { IdentifierError, quoteIdentifier, quoteQualified } from '../../../src/core/sql/identifier';

describe('quoteIdentifier', () => {
  it('quotes always and doubles quotes', () => {
    assert.equal(quoteIdentifier('orders'), '"orders"');
    assert.equal(quoteIdentifier('"; DROP TABLE x; --"'), '"""; DROP TABLE x; --"""');
    assert.equal(quoteIdentifier('Größe 🐘'), '"Größe 🐘"');
    assert.equal(quoteQualified('my schema', 'a"b'), '"my schema"."a""b"');
  });

  it('refuses what no identifier can be', () => {
    assert.throws(() => quoteIdentifier(''), IdentifierError);
    assert.throws(() => quoteIdentifier('a\0b'), IdentifierError);
    assert.throws(() => quoteQualified('public', ''), IdentifierError);
  });

  it('is one quoted token for every name, and says the name again', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1 }).filter((name) => !name.includes('\0')),
        (name) => {
          const quoted = quoteIdentifier(name);
          // The lexer's rule: a quote, anything but quotes or pairs of them, a quote, and nothing left over.
          const token = /^"((?:[^"]|"")*)"$/s.exec(quoted);
          assert.equal(token?.[1]?.replaceAll('""', '"'), name);
        },
      ),
    );
  });
});
