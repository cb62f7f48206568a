import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DatabaseError } from '../../../src/core/ports/database-error';
import { Channel, RequestError } from '../../../src/protocol/channel';
import { protocolVersion, type Envelope } from '../../../src/protocol/envelope';
import { readRestored } from '../../../src/protocol/report-messages';

type Asks = { readonly double: { readonly body: number; readonly answer: number } };

interface Line {
  readonly left: Channel<Asks, Record<string, never>>;
  readonly right: Channel<Record<string, never>, Record<string, never>>;
  /** Lets the time of the left end pass. */
  readonly expire: () => void;
}

/** Two ends; messages travel as JSON, as between host and webview. */
function line(): Line {
  const timers = new Set<() => void>();
  const left: Line['left'] = new Channel({
    post: (message) => right.receive(JSON.parse(JSON.stringify(message))),
    after: (_, callback) => {
      timers.add(callback);
      return { dispose: () => timers.delete(callback) };
    },
  });
  const right: Line['right'] = new Channel({
    post: (message) => left.receive(JSON.parse(JSON.stringify(message))),
    after: () => ({ dispose: () => undefined }),
  });
  return { left, right, expire: () => timers.forEach((callback) => callback()) };
}

const reasonOf = async (asked: Promise<unknown>): Promise<string> => {
  try {
    await asked;
  } catch (error) {
    assert.ok(error instanceof RequestError, String(error));
    return error.reason;
  }
  throw new Error('It was answered.');
};

describe('the line between host and webview', () => {
  it('gives each request its own answer, whatever the order', async () => {
    const { left, right } = line();
    right.handle('double', async (body) => {
      await new Promise((resolve) => setTimeout(resolve, 10 - Number(body)));
      return 2 * Number(body);
    });
    assert.deepEqual(await Promise.all([1, 5, 3].map((n) => left.request('double', n))), [2, 10, 6]);
  });

  it('carries a failure with its reason and its way out', async () => {
    const { left, right } = line();
    right.handle('double', () => {
      throw new DatabaseError('permission-denied', 'No.', 'Grant it.');
    });
    await assert.rejects(left.request('double', 1), {
      reason: 'permission-denied',
      message: 'No.',
      remedy: 'Grant it.',
    });
  });

  it('answers requests it does not know, and those of another version', async () => {
    const sent: Envelope[] = [];
    const end = new Channel({ post: (message) => sent.push(message), after: () => ({ dispose: () => undefined }) });
    end.receive({ protocol: protocolVersion, kind: 'request', id: 1, name: 'nothing', body: null });
    end.receive({ protocol: protocolVersion + 1, kind: 'request', id: 2, name: 'nothing', body: null });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      sent.map((message) => (message.kind === 'failure' ? [message.id, message.failure.reason] : message.kind)),
      [
        [1, 'unknown-request'],
        [2, 'version'],
      ],
    );
  });

  it('gives up when nobody answers, and when it is closed', async () => {
    const { left, right, expire } = line();
    right.handle('double', () => new Promise(() => undefined));
    const late = reasonOf(left.request('double', 1));
    expire();
    assert.equal(await late, 'timeout');
    const open = reasonOf(left.request('double', 1));
    left.dispose();
    assert.equal(await open, 'closed');
    assert.equal(await reasonOf(left.request('double', 1)), 'closed');
  });

  it('ignores whatever else is posted', () => {
    const end = new Channel({ post: () => assert.fail('nothing to say'), after: () => ({ dispose: () => undefined }) });
    fc.assert(
      fc.property(fc.anything(), (message) => {
        end.receive(message);
      }),
    );
  });

  it('restores only what it understands', () => {
    const fits = { report: 'bloat', connectionId: 'a', options: { limit: '50', other: 7 }, section: 'x' };
    assert.deepEqual(readRestored(fits), { report: 'bloat', connectionId: 'a', options: { limit: '50' } });
    for (const bad of [null, 7, {}, { report: 'constructor', connectionId: 'a' }, { report: 'bloat', connectionId: 3 }])
      assert.equal(readRestored(bad), undefined);
  });
});
