import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { formatLimits } from '../../../src/core/format/values';
import { OwnLimits, readLimits } from '../../../src/core/health/own-limits';
import { evaluateSessions, type SessionsState } from '../../../src/core/health/sessions';
import { standardLimits, standardOf, type StandardLimit } from '../../../src/core/health/standard-limits';
import { defaultThresholds } from '../../../src/core/health/thresholds';
import { evaluatePool } from '../../../src/core/pool/pool-evaluation';
import { poolThresholds } from '../../../src/core/pool/source-limits';
import { projectRoot } from '../../lab/project-root';

const limitsOf = (...entries: readonly object[]): OwnLimits => {
  const { overrides, problems } = readLimits(entries);
  assert.deepEqual(problems, []);
  return new OwnLimits(overrides);
};
const problemOf = (...entries: readonly unknown[]): string => {
  const { problems } = readLimits(entries);
  assert.equal(problems.length, 1, problems.join('\n'));
  return problems[0]!;
};

describe('thresholds of the settings', () => {
  it('count for all connections, and for one before them, each level for itself', () => {
    const own = limitsOf(
      { connection: 'shop', signal: 'long-queries.oldest', critical: '20 min' },
      { signal: 'long-queries.oldest', warning: '1 min', critical: 600 },
    );
    const standard = standardOf('long-queries.oldest');
    const of = (id: string): object => own.of(id)('long-queries.oldest', standard);
    assert.deepEqual(of('other'), { warning: 60, critical: 600, direction: 'above', own: true });
    assert.deepEqual(of('shop'), { warning: 60, critical: 1200, direction: 'above', own: true });
    assert.deepEqual(own.of('shop')('slots.retained', standardOf('slots.retained')), standardOf('slots.retained'));
  });

  it('leave what is polled as it is where they name nothing of it', () => {
    const own = limitsOf({ connection: 'shop', signal: 'sessions.used', warning: '50 %' });
    assert.deepEqual(own.thresholds('other'), defaultThresholds);
    assert.deepEqual(own.thresholds('shop').sessionsUsed, { warning: 0.5, critical: 0.95, own: true });
    assert.deepEqual(own.thresholds('shop').lagS, defaultThresholds.lagS);
  });

  it('grade the sessions, and the hover says whose they are', () => {
    const state = { used: 60, usable: 100, maxConnections: 103, limited: false, idleInTransaction: 0 } as SessionsState;
    const own = limitsOf({ signal: 'sessions.used', warning: '50 %' }).thresholds('shop');
    const graded = evaluateSessions(state, own);
    assert.equal(graded.severity, 'warning');
    assert.match(graded.lines[0]!, /warning above 50 %, critical above 95 % \(set in dbOps\.thresholds\)\./);
    const standard = evaluateSessions(state);
    assert.equal(standard.severity, 'ok');
    assert.doesNotMatch(standard.lines.join(' '), /dbOps\.thresholds/);
  });

  it('grade the pools of applications', () => {
    const pool = { name: 'main', active: 9, idle: 1, total: 10, max: 10, min: null, pending: 0, timeouts: 0 };
    const acquire = { maxS: null };
    const past = { recentTimeouts: 3, leak: { kind: 'none' } };
    const graded = (...entries: readonly object[]): ReturnType<typeof evaluatePool> =>
      evaluatePool({ ...pool, acquire } as never, past as never, poolThresholds(limitsOf(...entries).of('shop')));
    assert.equal(graded().severity, 'critical');
    assert.equal(graded({ signal: 'hikari.timeouts', warning: 5, critical: 50 }).severity, 'warning');
    const calm = graded(
      { signal: 'hikari.timeouts', warning: 5, critical: 50 },
      { signal: 'hikari.used', warning: '95 %', critical: 1 },
    );
    assert.equal(calm.severity, 'ok');
    assert.match(calm.lines.join(' '), /warning above 95 %, critical above 100 % \(set in dbOps\.thresholds\)/);
    assert.match(calm.lines.join(' '), /critical above 50 \(set in dbOps\.thresholds\)/);
  });

  it('that cannot be used are named, with the way out, and the others count', () => {
    assert.deepEqual(readLimits({}).problems, ['dbOps.thresholds must be a list.']);
    assert.match(problemOf('x'), /Entry 1 of dbOps\.thresholds: it must be an object/);
    assert.match(
      problemOf({ signal: 'sessions.usde', warning: 1 }),
      /"sessions\.usde" is no signal .*there are sessions\.used,/,
    );
    assert.match(problemOf({ signal: 'toString', warning: 1 }), /"toString" is no signal/);
    assert.match(problemOf({ signal: 'sessions.used' }), /"warning" or "critical" of sessions\.used is missing/);
    assert.match(problemOf({ signal: 'sessions.used', warning: 80 }), /a part from 0 to 1 \(0\.8 or "80 %"\), not 80/);
    assert.match(problemOf({ signal: 'sessions.used', warning: '5 min' }), /must be a part like 0\.8 .*not "5 min"/);
    assert.match(problemOf({ signal: 'slots.retained', warning: -1 }), /must be bytes or a text like "200 GB", not -1/);
    assert.match(problemOf({ signal: 'slots.retained', warning: NaN }), /must be bytes/);
    assert.match(problemOf({ signal: 'long-queries.oldest', warning: 1 }), /must be 5 s to .*, not 1 s/);
    assert.match(problemOf({ signal: 'slots.retained', warn: 1 }), /"warn" is not known; known are connection, signal/);
    assert.match(problemOf({ signal: 'slots.retained', warning: 1, connection: 3 }), /"connection" must be the name/);
    const { overrides, problems } = readLimits([
      { signal: 'x', warning: 1 },
      { signal: 'deadlocks.recent', warning: 3 },
    ]);
    assert.deepEqual([overrides.length, problems.length], [1, 1]);
  });

  it('whose warning lies beyond what is critical do not count', () => {
    const beyond =
      /Entry 1 .*the warning of long-queries\.oldest \(10 min\) lies above its critical level \(5 min\); give both/;
    assert.match(problemOf({ signal: 'long-queries.oldest', warning: '10 min' }), beyond);
    assert.match(
      problemOf({ signal: 'cache-hit.ratio', warning: 0.5, critical: 0.9 }),
      /lies below its critical level/,
    );
    // The general entry stands later in the list and is what the special one is compared with.
    const { overrides } = readLimits([
      { connection: 'shop', signal: 'long-queries.oldest', warning: '10 min' },
      { signal: 'long-queries.oldest', critical: '1 h' },
    ]);
    assert.equal(overrides.length, 2);
    const twice = { signal: 'deadlocks.recent', warning: 3 };
    assert.match(problemOf(twice, twice), /Entry 2 .*"deadlocks\.recent" stands there twice/);
  });

  it('never throw, and what they give is never out of order', () => {
    const names = Object.keys(standardLimits);
    const entry = fc.record(
      {
        connection: fc.constantFrom('shop', undefined),
        signal: fc.constantFrom(...names),
        warning: fc.oneof(fc.double(), fc.string(), fc.constantFrom('1 GB', '5 min', '50 %')),
        critical: fc.oneof(fc.double(), fc.constantFrom('2 GB', '1 h', '90 %'), fc.anything()),
      },
      { requiredKeys: ['signal'] },
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(entry, fc.anything())), (setting) => {
        const own = new OwnLimits(readLimits(setting).overrides);
        for (const [name, { threshold }] of Object.entries<StandardLimit>(standardLimits)) {
          if (!threshold) continue;
          for (const id of ['shop', 'other']) {
            const { warning, critical, direction } = own.of(id)(name, threshold);
            assert.ok(Number.isFinite(warning) && Number.isFinite(critical));
            assert.ok(
              direction === 'above' ? warning <= critical : warning >= critical,
              `${name} ${warning} ${critical}`,
            );
          }
        }
      }),
    );
  });

  it('are described in package.json: every signal, its meaning and its default', () => {
    const read = (name: string): unknown => JSON.parse(readFileSync(path.join(projectRoot, name), 'utf8'));
    const { contributes } = read('package.json') as {
      contributes: {
        configuration: {
          properties: Record<
            string,
            { items: { properties: { signal: { enum: string[]; enumDescriptions: string[] } } } }
          >;
        };
      };
    };
    const messages = read('package.nls.json') as Record<string, string>;
    const { signal } = contributes.configuration.properties['dbOps.thresholds']!.items.properties;
    assert.deepEqual(signal.enum, Object.keys(standardLimits));
    Object.entries<StandardLimit>(standardLimits).forEach(([name, { what, threshold, unit }], index) => {
      assert.equal(signal.enumDescriptions[index], `%threshold.${name}%`);
      const limits = threshold ? ` ${formatLimits(threshold, unit)}` : '';
      const text = `${what}.${limits}`;
      assert.equal(messages[`threshold.${name}`], text[0]!.toUpperCase() + text.slice(1));
    });
  });
});
