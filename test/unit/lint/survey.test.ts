import assert from 'node:assert/strict';
import { WorkspaceLinter } from '../../../src/core/lint/lint-workspace';
import { survey } from '../../../src/core/lint/survey';
import { loadGrammar } from '../../../src/core/sql/grammar';
import { MemoryFiles } from '../flyway/memory-files';

/** Files that are listed under one name and are gone when they are read. */
class ChangingFiles extends MemoryFiles {
  private left: number;

  constructor(
    private readonly before: Readonly<Record<string, string>>,
    private readonly after: Readonly<Record<string, string>>,
    readonly vanishing: string,
    times: number,
  ) {
    super(before);
    this.left = times;
  }

  override list(folder: string): ReturnType<MemoryFiles['list']> {
    return new MemoryFiles(this.left > 0 ? this.before : this.after).list(folder);
  }

  override read(file: string): Promise<Uint8Array | undefined> {
    if (this.left === 0) return new MemoryFiles(this.after).read(file);
    if (file !== this.vanishing) return new MemoryFiles(this.before).read(file);
    this.left--;
    return Promise.resolve(undefined);
  }
}

describe('scripts that change while they are read', () => {
  const before = { '/w/sql/V1__a.sql': 'SELECT 1;', '/w/sql/V2__b.sql': 'SELECT 2;' };
  const read = async (files: MemoryFiles): Promise<(readonly [string, string | undefined])[]> => {
    const [first] = await survey(files, '/w', {}, ['filesystem:sql']);
    return (first?.scripts ?? []).map(({ name, problem }) => [name, problem] as const);
  };

  it('are found under their new name', async () => {
    const after = { '/w/sql/V1__a.sql': 'SELECT 1;', '/w/sql/V3__b.sql': 'SELECT 2;' };
    assert.deepEqual(await read(new ChangingFiles(before, after, '/w/sql/V2__b.sql', 1)), [
      ['V1__a.sql', undefined],
      ['V3__b.sql', undefined],
    ]);
  });

  it('are no silence: one that stays and cannot be read is told', async () => {
    assert.deepEqual(await read(new ChangingFiles(before, before, '/w/sql/V2__b.sql', Infinity)), [
      ['V1__a.sql', undefined],
      ['V2__b.sql', 'unreadable'],
    ]);
  });
});

describe('scripts that cannot be read', () => {
  it('are told, and nothing else is said of them or of what belongs to them', async () => {
    const texts = {
      '/w/sql/V1__a.sql': 'CREATE TABLE a (id bigint PRIMARY KEY);',
      '/w/sql/U1__a.sql': 'DROP TABLE a;',
      '/w/sql/V2__b.sql': 'CREATE TABLE b (id bigint PRIMARY KEY);',
      '/w/sql/U2__b.sql': 'DROP TABLE b CASCADE;',
    };
    class Locked extends MemoryFiles {
      override read(file: string): Promise<Uint8Array | undefined> {
        return /U1|V2/.test(file) ? Promise.resolve(undefined) : super.read(file);
      }
    }
    const changed = new Map(Object.keys(texts).map((path) => [path, 'another text']));
    const { findings, scripts } = await new WorkspaceLinter(new Locked(texts), await loadGrammar()).lint('/w', {
      requireReason: true,
      severities: {},
      locations: ['filesystem:sql'],
      environment: {},
      unsaved: new Map(),
      branch: { name: 'main', present: new Set(Object.keys(texts)), changed },
    });
    const told = findings
      .filter(({ rule }) => /^(rollback|flyway)\//.test(rule))
      .map(({ path, rule }) => `${path.slice('/w/sql/'.length)} ${rule}`);
    assert.deepEqual(told, [
      'U1__a.sql flyway/encoding',
      'V1__a.sql flyway/edited-after-applied',
      'V2__b.sql flyway/encoding',
    ]);
    assert.deepEqual(
      scripts.filter(({ isUnreadable }) => isUnreadable).map(({ checksums }) => checksums),
      [[], []],
    );
  });
});
