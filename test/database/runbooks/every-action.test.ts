import assert from 'node:assert/strict';
import type { RunbookId } from '../../../src/core/health/signal';
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
    await world.standbyIsBusy();
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
    // Which one is asked for before: the first of each list, the name that is proposed, and that the old primary is fenced.
    prompts.pick = (_title, choices) =>
      Promise.resolve((choices.find(({ label }) => label.startsWith('Yes, ')) ?? choices[0])?.value);
    prompts.input = ({ placeholder }) => Promise.resolve(placeholder);
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
      'reindex rebuild': /^Whether \d+ ind(ex is|exes are) bloated is not known/,
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

  it('does nothing where its subject is gone between the diagnosis and the click', async () => {
    const { primary, standby } = world;
    const bench = new RunbookBench([profileOf(primary, 'shop'), profileOf(standby, 'replica')]);
    const { prompts } = bench;
    // Not a table that others have locked.
    prompts.pick = (_title, choices) =>
      Promise.resolve((choices.find(({ label }) => label === 'public.bloated') ?? choices[0])?.value);
    const ended = (): Promise<unknown> => world.heal();
    const gone: Readonly<Record<string, () => Promise<unknown>>> = {
      'pool-exhaustion act': ended,
      'replication-lag resume': ended,
      'replication-lag query': ended,
      'replication-lag slot': () => primary.run("SELECT pg_drop_replication_slot('dead_slot')"),
      'lock-contention act': ended,
      'lock-contention prepared': () => primary.run("ROLLBACK PREPARED 'forgotten'"),
      'migration-failure end': ended,
      'vacuum holder': ended,
      'migration-rollback validate': () => primary.run('ALTER TABLE orders DROP CONSTRAINT open'),
      'migration-rollback drop-index': () => primary.run('DROP INDEX orders_key'),
      'reindex drop': () => primary.run('DROP TABLE orders'),
      'vacuum vacuum': () => primary.run('DROP TABLE bloated'),
    };
    try {
      for (const [name, remove] of Object.entries(gone)) {
        const [id, step] = name.split(' ') as [RunbookId, string];
        if (name === 'reindex drop') await world.inject().then(ended);
        else if (name !== 'vacuum vacuum') await world.inject();
        if (step === 'query') await world.standbyIsBusy();
        let asked = 0;
        prompts.confirm = async () => {
          asked++;
          await remove();
          return true;
        };
        const book = await bench.open(id);
        const { markdown, acted } = await bench.run(book, step, 'shop');
        assert.equal(asked, 1, `${name} was asked: ${markdown}`);
        assert.match(markdown, /^\*\*(Already gone|Refused)\.\*\* .*(Nothing was done|not paused)/, name);
        assert.equal(acted, false, name);
      }
      for (const connection of ['shop', 'replica'])
        assert.deepEqual(bench.audit.actions(connection, 0, Infinity), [], 'nothing was sent');
    } finally {
      await bench.close();
    }
  });
});
