import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { checksum } from '../../../src/core/flyway/checksum';
import { parseFileName, scanFileName, type Distribution } from '../../../src/core/flyway/file-name';
import { compareVersions, parseVersion } from '../../../src/core/flyway/version';
import { projectRoot } from '../../lab/project-root';

const lines = (file: string): string[] =>
  readFileSync(path.join(projectRoot, 'test/fixtures/flyway', file), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');

/** The result in the words of the vectors, which are the real parser's. */
function inItsWords(name: string, distribution: Distribution): string {
  const parsed = parseFileName(name, undefined, distribution);
  switch (parsed.kind) {
    case 'versioned':
      return `MIGRATION version=${parsed.version.text} desc="${parsed.description}"`;
    case 'undo':
      return `UNDO version=${parsed.version.text} desc="${parsed.description}"`;
    case 'baseline':
      return `BASELINE version=${parsed.version.text} desc="${parsed.description}"`;
    case 'repeatable':
      return `REPEATABLE desc="${parsed.description}"`;
    case 'callback':
      return `CALLBACK(${parsed.event}) desc="${parsed.description}"`;
    case 'skipped':
      return 'not scanned (suffix)';
    case 'invalid':
      return 'INVALID';
  }
}

describe('Flyway file names, against the real parser', () => {
  for (const line of lines('flyway-name-vectors.txt')) {
    const [name, result] = line.split(/ {2}=> {2}/) as [string, string];
    const [openSource, redgate] = result.replace('OSS: ', '').split(/\s+\| Redgate dist: /);
    it(line, () => {
      const got = inItsWords(name, 'open-source');
      const expected = openSource?.startsWith('INVALID') ? 'INVALID' : openSource;
      assert.equal(expected?.includes('desc=') === false ? got.replace(/ desc=.*/, '') : got, expected);
      if (redgate !== undefined) assert.equal(inItsWords(name, 'redgate'), redgate);
    });
  }

  it('names what stands in the wrong place', () => {
    const reason = (name: string): string => {
      const parsed = parseFileName(name, undefined, 'open-source');
      return parsed.kind === 'invalid' ? parsed.reason : parsed.kind;
    };
    assert.match(reason('V1_init.sql'), /"1_init" is not a version/);
    assert.match(reason('Readme.sql'), /"eadme" stands in its place/);
    assert.match(reason('V__x.sql'), /no version/);
    assert.match(reason('v1__x.sql'), /begins with none of "V"/);
  });

  it('never scans a name without anything between prefix and suffix', () => {
    for (const name of ['R.sql', 'V.sql', 'r.sql.txt']) assert.equal(scanFileName(name).kind, 'skipped', name);
    assert.equal(scanFileName('V1.SQL').kind, 'versioned');
    assert.equal(scanFileName('beforeMigrate.sql').kind, 'callback');
  });

  it('takes other prefixes, separators, suffixes, and an empty prefix', () => {
    const naming = {
      versionedPrefix: '',
      undoPrefix: 'undo-',
      repeatablePrefix: 'R',
      baselinePrefix: 'B',
      separator: '-',
      suffixes: ['.ddl', '.pgsql'],
    };
    const parsed = parseFileName('2024.1-add_users.PGSQL', naming);
    assert.ok(parsed.kind === 'versioned');
    assert.deepEqual([parsed.version.text, parsed.description], ['2024.1', 'add users']);
    assert.equal(parseFileName('undo-7-x.ddl', naming).kind, 'undo');
  });

  it('never throws, whatever the name', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void scanFileName(`${text}.sql`)));
  });
});

describe('Flyway versions and checksums, against the real thing', () => {
  for (const line of lines('flyway-checksum-version-vectors.txt')) {
    it(line, () => {
      const crc = /^CRC (".*") = (-?\d+)$/.exec(line);
      const comparison = /^CMP (\S+) (\S+) = (-?\d+)$/.exec(line);
      const tokens = /^TOK (".*") (?:= \[(.*)\]|(INVALID))$/.exec(line);
      if (crc) assert.equal(checksum(JSON.parse(crc[1] ?? '') as string), Number(crc[2]));
      else if (comparison)
        assert.equal(
          compareVersions(parseVersion(comparison[1] ?? '')!, parseVersion(comparison[2] ?? '')!),
          Number(comparison[3]),
        );
      else if (tokens) {
        const parsed = parseVersion(JSON.parse(tokens[1] ?? '') as string);
        if (tokens[3]) assert.equal(parsed, undefined);
        else assert.deepEqual(parsed?.parts.map(String), (tokens[2] ?? '').split(', '));
      } else assert.fail('a vector of an unknown form');
    });
  }

  it('orders as a total order does, and equality ignores zeros at the end and in front', () => {
    const version = fc
      .array(fc.bigInt({ min: 0n, max: 10n ** 25n }), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join('.'));
    const compare = (a: string, b: string): number => compareVersions(parseVersion(a)!, parseVersion(b)!);
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        assert.equal(compare(a, b) + compare(b, a), 0);
        if (compare(a, b) <= 0 && compare(b, c) <= 0) assert.ok(compare(a, c) <= 0);
        assert.equal(compare(a, `${a}.0.0`), 0);
        assert.equal(compare(a, a.replaceAll('.', '_')), 0);
        assert.equal(
          compare(
            a,
            a
              .split('.')
              .map((part) => `00${part}`)
              .join('.'),
          ),
          0,
        );
      }),
    );
  });

  it('reads digits of other scripts, as Java does', () => {
    assert.deepEqual(parseVersion('１２')?.parts, [12n]);
    assert.deepEqual(parseVersion('٣')?.parts, [3n]);
    assert.equal(parseVersion('𝟏'), undefined, 'two chars in Java, neither of them a digit');
  });
});
