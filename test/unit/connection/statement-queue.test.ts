import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAbort } from '../../../src/core/ports/database-error';
import { StatementQueue } from '../../../src/postgres/statement-queue';

describe('the queue of a session', () => {
  it('runs one at a time in order, also after a failure', async () => {
    const queue = new StatementQueue();
    const log: string[] = [];
    const job =
      (name: string, fails = false) =>
      async (): Promise<string> => {
        log.push(`${name} begins`);
        await sleep(5);
        log.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      };
    const a = queue.add(undefined, 'at once', job('a'));
    const b = queue.add(undefined, 'at once', job('b', true));
    const c = queue.add(undefined, 'at once', job('c'));
    assert.equal(queue.busy, true);
    assert.equal(await a, 'a');
    await assert.rejects(b, /b/);
    assert.equal(await c, 'c');
    assert.deepEqual(log, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    await sleep(0);
    assert.equal(queue.busy, false);
  });

  it('frees the caller at once and keeps the turn until the job is over', async () => {
    const queue = new StatementQueue();
    const controller = new AbortController();
    let over = false;
    const given = queue.add(controller.signal, 'at once', async () => {
      await sleep(30);
      over = true;
    });
    const next = queue.add(undefined, 'at once', () => Promise.resolve(over));
    controller.abort();
    await assert.rejects(given, isAbort);
    assert.equal(over, false);
    assert.equal(await next, true);
  });

  it('tells the outcome when over, where that is asked', async () => {
    const queue = new StatementQueue();
    const controller = new AbortController();
    const acting = queue.add(controller.signal, 'when over', async () => {
      await sleep(10);
      return 'done';
    });
    controller.abort();
    assert.equal(await acting, 'done');
    await assert.rejects(
      queue.add(controller.signal, 'when over', () => Promise.resolve(1)),
      isAbort,
    );
  });

  it('drops one that waits when it is given up, and everything when it is closed', async () => {
    const queue = new StatementQueue();
    const controller = new AbortController();
    let ran = 0;
    const first = queue.add(undefined, 'at once', () => sleep(20, 'first'));
    const dropped = queue.add(controller.signal, 'when over', () => Promise.resolve(ran++));
    const refused = queue.add(undefined, 'at once', () => Promise.resolve(ran++));
    controller.abort();
    await assert.rejects(dropped, isAbort);
    queue.refuse(new Error('closed'));
    await assert.rejects(refused, /closed/);
    await assert.rejects(
      queue.add(undefined, 'at once', () => Promise.resolve(ran++)),
      /closed/,
    );
    assert.equal(await first, 'first');
    assert.equal(ran, 0);
  });
});
