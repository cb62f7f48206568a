import assert from 'node:assert/strict';
import { inBatches } from '../../../src/vscode/lint/diagnostic-batches';

describe('diagnostics on their way to the window', () => {
  it('come in messages that VS Code does not cut, none lost and the emptied files among them', () => {
    const files = Array.from(
      { length: 5000 },
      (_, at) => [`V${at}`, Array.from({ length: at % 4 }, () => at)] as const,
    );
    const batches = inBatches(files);
    assert.deepEqual(batches.flat(), files);
    assert.equal(batches.length, 8);
    for (const batch of batches) assert.ok(batch.flatMap(([, all]) => all).length <= 1000);
  });

  it('of a file with more than fit in one is a message of its own; of none there is none', () => {
    const large = ['V2', [1, 2, 3, 4]] as const;
    const small = (name: string): readonly [string, number[]] => [name, [1]];
    assert.deepEqual(inBatches([small('V1'), large, small('V3')], 2), [[small('V1')], [large], [small('V3')]]);
    assert.deepEqual(inBatches([], 2), []);
  });
});
