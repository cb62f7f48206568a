import assert from 'node:assert/strict';
import { SourceWatch } from '../../../src/core/monitor/source-watch';
import { FakeClock } from '../../database/support/fake-clock';

describe('a source that is read again and again', () => {
  const abort = (): Error => Object.assign(new Error('given up'), { name: 'AbortError' });

  it('is read again when a reading was given up by somebody else than its watch', async () => {
    const clock = new FakeClock();
    const answers = [() => Promise.reject<number>(abort()), () => Promise.resolve(7)];
    const watch = new SourceWatch<number>({
      clock,
      intervalMs: () => 5000,
      mayPoll: () => true,
      read: () => (answers.shift() ?? (() => Promise.resolve(8)))(),
      changed: () => undefined,
    });
    await new Promise(setImmediate);
    assert.equal(watch.current().kind, 'failed');
    clock.advance(6000);
    await new Promise(setImmediate);
    const after = watch.current();
    assert.ok(after.kind === 'value' && after.value >= 7, JSON.stringify(after));
    watch.dispose();
  });

  it('is left alone when its watch has ended', async () => {
    const clock = new FakeClock();
    let asked = 0;
    const watch = new SourceWatch<number>({
      clock,
      intervalMs: () => 5000,
      mayPoll: () => true,
      read: (signal) =>
        new Promise((_, reject) => {
          asked++;
          signal.addEventListener('abort', () => reject(abort()));
        }),
      changed: () => assert.fail('nobody is told'),
    });
    watch.dispose();
    clock.advance(60_000);
    await new Promise(setImmediate);
    assert.equal(asked, 1);
  });
});
