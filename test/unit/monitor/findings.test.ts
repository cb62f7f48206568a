import assert from 'node:assert/strict';
import { findingsOf } from '../../../src/core/monitor/findings';
import type { ServerSnapshot } from '../../../src/core/monitor/snapshot';
import { snapshot } from '../tree/snapshot';

describe('the numbers for history and alerts', () => {
  const valueOf = (changes: Partial<ServerSnapshot>, wanted: string): number | null | undefined =>
    findingsOf(snapshot(changes)).find(({ signal }) => signal === wanted)?.value;

  for (const [what, changes, up, latency] of [
    ['a server that answers', { status: 'warning', latencyMs: 3 }, 1, 3],
    ['a server that has stopped to answer', { status: 'stale', latencyMs: 3 }, null, null],
    ['a server that is being connected to', { status: 'connecting', latencyMs: null }, null, null],
    ['a server that is away', { status: 'unreachable', latencyMs: null }, 0, null],
    ['a server that nobody watches', { watched: false, status: 'unknown', latencyMs: null }, null, null],
  ] as const) {
    it(`of ${what} call nothing current that is not`, () => {
      assert.deepEqual([valueOf(changes, 'server.up'), valueOf(changes, 'server.latency')], [up, latency]);
    });
  }
});
