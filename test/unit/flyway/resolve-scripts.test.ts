import assert from 'node:assert/strict';
import { resolveScripts } from '../../../src/core/flyway/resolve-scripts';
import { MemoryFiles } from './memory-files';

describe('the scripts of a history, read from disk', () => {
  it('are there, without a checksum, where they cannot be read: repair would mark a missing one as deleted', async () => {
    class Locked extends MemoryFiles {
      override read(file: string): Promise<Uint8Array | undefined> {
        return file.endsWith('V2__b.sql') ? Promise.resolve(undefined) : super.read(file);
      }
    }
    const files = new Locked({
      '/w/flyway.conf': 'flyway.locations=filesystem:sql\n',
      '/w/sql/V1__a.sql': 'SELECT 1;',
      '/w/sql/V2__b.sql': 'SELECT 2;',
    });
    const [project] = await resolveScripts(files, '/w', {});
    assert.deepEqual(
      project?.scripts.map(({ path, checksums }) => [path, checksums.length]),
      [
        ['/w/sql/V1__a.sql', 1],
        ['/w/sql/V2__b.sql', 0],
      ],
    );
  });
});
