import assert from 'node:assert/strict';
import { runbookEntries } from '../../../src/core/runbooks/registry';
import type { StepResult } from '../../../src/core/runbooks/runbook';
import { profileOf } from '../support/monitor';
import { IncidentWorld, reachable } from '../support/incident-world';
import { RunbookBench } from '../support/runbook';

describe('every action of every runbook', function () {
  this.timeout(90_000);
  let world: IncidentWorld;
  before(async () => {
    world = await IncidentWorld.start();
    await world.inject();
  });
  after(() => world.stop());

  /** Runs each action with connections of this role; nobody must come to the last question. */
  async function actAll(user: string, readOnly: boolean): Promise<ReadonlyMap<string, StepResult>> {
    const shop = { ...profileOf(world.primary, 'shop', { user }), readOnly };
    const bench = new RunbookBench([
      shop,
      // The runbook of a server that is away is opened on one that is.
      { ...shop, id: 'gone', name: 'gone', target: { ...shop.target, host: 'localhost', port: 1 } },
      { ...profileOf(world.standby, 'replica', { user }), readOnly },
    ]);
    const { prompts } = bench;
    // The first of each list, and that the old primary is fenced.
    prompts.pick = (_title, choices) =>
      Promise.resolve((choices.find(({ label }) => label.startsWith('Yes, ')) ?? choices[0])?.value);
    const results = new Map<string, StepResult>();
    try {
      for (const { id } of runbookEntries) {
        const book = await bench.open(id);
        for (const { id: step, kind } of book.steps) {
          if (kind !== 'act') continue;
          const name = `${id} ${step}`;
          const result = await bench.run(book, step, id === 'database-unavailable' ? 'gone' : 'shop');
          results.set(name, result);
          assert.deepEqual(prompts.asked, [], `${name} asks nobody`);
          assert.notEqual(result.acted, true, `${name}: ${result.markdown}`);
          assert.doesNotMatch(result.markdown, /^\*\*Done/, name);
        }
      }
      for (const connection of ['shop', 'gone', 'replica'])
        assert.deepEqual(bench.audit.actions(connection, 0, Infinity), [], 'nothing was sent');
    } finally {
      await bench.close();
    }
    return results;
  }

  it('is refused on a read-only connection, with the way to allow it', async () => {
    const results = await actAll('postgres', true);
    for (const name of reachable) {
      const { markdown, failed } = results.get(name) ?? { markdown: 'no such action', failed: false };
      assert.match(
        markdown,
        /^\*\*Refused\.\*\* (shop|replica) is read-only in this panel\. To allow actions\S*: DB Ops\S*: Edit Connection/,
        `${name}: ${markdown}`,
      );
      assert.ok(failed, `${name} is marked`);
    }
  });

  it('is refused before the question where the role may not, with the reason', async () => {
    const results = await actAll('monitor', false);
    const reasons: Readonly<Record<string, RegExp>> = {
      // The statistics that it is estimated from are hidden from this role.
      'reindex rebuild': /^No index is estimated to be bloated/,
      // A standby that receives is refused before the privilege is of any interest.
      'database-unavailable promote': /still receives WAL|may not promote/,
    };
    for (const name of reachable) {
      const { markdown, failed } = results.get(name) ?? { markdown: 'no such action', failed: false };
      assert.match(
        markdown,
        reasons[name] ?? /^\*\*Refused\.\*\* .*(This role|[Oo]nly (a superuser|its owner|the owner))/,
        `${name}: ${markdown}`,
      );
      assert.ok(failed || name === 'reindex rebuild', `${name} is marked`);
    }
  });
});
