import assert from 'node:assert/strict';
import { Slot } from '../../../src/core/monitor/slot';
import { DatabaseError } from '../../../src/core/ports/database-error';

const at = 1_700_000_000_000;

describe('the latest outcome of one signal', () => {
  it('becomes stale by the clock alone', () => {
    const slot = new Slot<number>();
    assert.deepEqual(slot.reading(at, 11_000), { kind: 'pending' });
    slot.set(7, at);
    assert.deepEqual(slot.reading(at + 11_000, 11_000), { kind: 'value', value: 7, at, stale: false });
    assert.deepEqual(slot.reading(at + 11_001, 11_000), { kind: 'value', value: 7, at, stale: true });
  });

  it('is stale when the clock was set back behind it', () => {
    const slot = new Slot<number>();
    slot.set(7, at);
    assert.deepEqual(slot.reading(at - 3_600_000, 11_000), { kind: 'value', value: 7, at, stale: true });
    assert.deepEqual(slot.reading(at - 500, 11_000), { kind: 'value', value: 7, at, stale: false });
  });

  it('keeps the last value of a statement that fails, and says how it failed', () => {
    const slot = new Slot<number>();
    slot.set(7, at);
    slot.fail(new DatabaseError('statement-timeout', 'It took too long.'));
    assert.deepEqual(slot.reading(at, 1), { kind: 'failed', message: 'It took too long.', last: { value: 7, at } });
    slot.fail(new DatabaseError('lock-timeout', 'Locked.'));
    assert.equal(slot.reading(at, 1).kind, 'skipped');
    slot.fail(new DatabaseError('permission-denied', 'Not allowed.'));
    assert.deepEqual(slot.reading(at, 1), { kind: 'denied', message: 'Not allowed.' });
    slot.set(8, at + 1);
    assert.equal(slot.reading(at + 1, 1).kind, 'value');
  });

  it('passes on what ends the session, and what was cancelled', () => {
    const slot = new Slot<number>();
    slot.set(7, at);
    for (const error of [new DatabaseError('connection-lost', 'Gone.'), new DOMException('', 'AbortError')]) {
      assert.throws(() => slot.fail(error), error);
    }
    assert.equal(slot.reading(at, 1).kind, 'value');
  });

  it('is the last that is known when the session is lost', () => {
    const slot = new Slot<number>();
    slot.set(7, at);
    slot.lose('The server is away.');
    assert.deepEqual(slot.reading(at, 1), { kind: 'failed', message: 'The server is away.', last: { value: 7, at } });
  });
});
