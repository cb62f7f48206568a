import assert from 'node:assert/strict';
import { AlertBook } from '../../../src/core/alerts/alert-book';
import { AlertTracker } from '../../../src/core/alerts/alert-tracker';
import type { AlertSettings } from '../../../src/core/alerts/alert-settings';
import type { Incident } from '../../../src/core/alerts/incident';
import { incidentLines, notificationText } from '../../../src/core/alerts/notification';
import { Emitter } from '../../../src/core/ports/emitter';
import { FakeClock } from '../../database/support/fake-clock';
import { finding, outcome } from './findings';

const second = 1000;
const minute = 60 * second;

/** How many states and keys a tracker holds: what is not told and not seen must not stay. */
function held(tracker: AlertTracker): number[] {
  const inside = tracker as unknown as {
    states: Map<string, unknown>;
    followed: Map<string, Map<string, Set<string>>>;
  };
  const keys = [...inside.followed.values()].flatMap((checks) => [...checks.values()]);
  return [inside.states.size, keys.reduce((sum, one) => sum + one.size, 0)];
}

describe('the alerts', () => {
  let clock: FakeClock;
  let settings: { -readonly [K in keyof AlertSettings]: AlertSettings[K] };
  let book: AlertBook;
  let told: Incident[][];
  const changes = new Emitter<void>();
  const start = (stored?: unknown): void => {
    book = new AlertBook(clock, settings, stored);
    book.onDidNotify((incidents) => told.push([...incidents]));
  };
  beforeEach(() => {
    clock = new FakeClock();
    settings = { overrides: [], notifyFrom: 'critical', maintenance: [], contacts: {}, onDidChange: changes.event };
    told = [];
    start();
  });
  afterEach(() => book.dispose());

  /** Polls for so long, every five seconds. */
  const watch = (ms: number, ...outcomes: readonly ReturnType<typeof outcome>[]): void => {
    for (let passed = 0; passed < ms; passed += 5 * second) {
      clock.advance(5 * second);
      book.observe('shop', outcomes);
    }
    clock.advance(2 * second);
  };
  const full = outcome([finding()]);
  const fine = outcome([finding({ severity: 'ok', words: '3/97 sessions' })]);

  it('tell each incident once, however long it lasts', () => {
    watch(30 * minute, full);
    assert.deepEqual(
      told.map((batch) => batch.map((one) => one.words)),
      [['97/97 sessions']],
    );
    assert.equal(book.incidents.length, 1);
    watch(2 * minute, fine);
    assert.deepEqual([book.incidents.length, book.ended.length], [0, 1]);
    assert.deepEqual([book.ended[0]?.words, book.ended[0]?.atWorst], ['97/97 sessions', '97/97 sessions']);
    assert.ok((book.ended[0]?.clearedAt ?? 0) > (book.ended[0]?.openedAt ?? 0));
    watch(minute, full);
    assert.equal(told.length, 2, 'another incident');
    assert.notEqual(told[1]?.[0]?.id, told[0]?.[0]?.id);
  });

  it('tell those that begin together in one message', () => {
    for (let i = 0; i < 4; i++) {
      clock.advance(5 * second);
      for (let server = 0; server < 50; server++) book.observe(`server-${server}`, [full]);
    }
    clock.advance(2 * second);
    assert.deepEqual(
      told.map((batch) => batch.length),
      [50],
    );
    const text = notificationText(told[0]!, (id) => id.toUpperCase());
    assert.match(text, /^SERVER-\d+: 97\/97 sessions\. Look for long-running queries .* And 49 more incidents\.$/);
  });

  it('are told though readings never pause', () => {
    for (let i = 0; i < 200; i++) {
      clock.advance(200);
      book.observe(`server-${i % 20}`, [outcome([finding({ words: `${i}/97 sessions` })])]);
    }
    assert.ok(told.length >= 1);
  });

  it('keep quiet about a warning, an acknowledged, a muted one, and all of them when told to', () => {
    watch(5 * minute, outcome([finding({ severity: 'warning' })]));
    assert.deepEqual([told.length, book.incidents.length], [0, 1]);
    settings.notifyFrom = 'warning';
    watch(minute, outcome([finding({ severity: 'warning' })]));
    assert.equal(told.length, 1);
    settings.notifyFrom = 'off';
    watch(minute, outcome([finding(), finding({ subject: 'b' })]));
    assert.equal(told.length, 1);
    book.acknowledge(book.incidents[0]!.id, 'ana');
    book.mute(book.incidents[1]!.key);
    settings.notifyFrom = 'critical';
    watch(5 * minute, outcome([finding(), finding({ subject: 'b' })]));
    assert.equal(told.length, 1);
    const lines = incidentLines(
      book.incidents.find((one) => one.acknowledgedAt !== null)!,
      { L1: ' on-call@example.com' },
      clock.now(),
    );
    assert.equal(lines[0], book.incidents[0]!.action);
    assert.ok(lines.includes('Escalation: L1 On-call: on-call@example.com.'));
    assert.ok(lines.some((line) => /^Acknowledged by ana 5 min ago\.$/.test(line)));
  });

  it('come again when a snooze is over and the trouble is not', () => {
    watch(minute, full);
    book.snooze(book.incidents[0]!.id, 10 * minute);
    watch(9 * minute, full);
    assert.equal(told.length, 1);
    watch(2 * minute, full);
    assert.equal(told.length, 2);
    watch(10 * minute, full);
    assert.equal(told.length, 2);
  });

  it('wait until a maintenance window is over', () => {
    settings.maintenance = [
      { kind: 'once', connections: ['shop'], reason: 'upgrade', from: clock.now(), to: clock.now() + 10 * minute },
    ];
    watch(9 * minute, full);
    assert.deepEqual([told.length, book.incidents.length], [0, 1]);
    watch(2 * minute, full);
    assert.equal(told.length, 1);
  });

  it('stay open while nobody can say, and say so', () => {
    watch(minute, full);
    watch(5 * minute, outcome([finding()], { problem: 'not read: timeout' }));
    const [incident] = book.incidents;
    assert.ok(incident?.unknownSince);
    assert.ok(incidentLines(incident, {}, clock.now()).some((line) => /^Not measured for 4 min/.test(line)));
  });

  it('keep the words of what was wrong while it is better, and for the past', () => {
    watch(minute, full);
    watch(20 * second, fine);
    const [incident] = book.incidents;
    assert.ok(incident);
    assert.equal(incident.words, '97/97 sessions');
    assert.ok(incidentLines(incident, {}, clock.now()).some((line) => /^Better for \d+ s: it ends/.test(line)));
    watch(5 * second, full);
    assert.equal(book.incidents[0]?.betterSince, undefined);
    watch(2 * minute, fine);
    assert.deepEqual([book.incidents.length, book.ended[0]?.words], [0, '97/97 sessions']);
  });

  it('end when the thing itself is gone from a check that was read', () => {
    watch(minute, outcome([finding({ subject: 'slot-a' }), finding({ subject: 'slot-b' })]));
    watch(2 * minute, outcome([finding({ subject: 'slot-b' })]));
    assert.deepEqual(
      book.incidents.map((one) => one.subject),
      ['slot-b'],
    );
    watch(2 * minute, outcome([], { problem: 'not read' }));
    watch(2 * minute, outcome([], { at: null }));
    assert.equal(book.incidents.length, 1);
    book.drop('shop');
    assert.equal(book.incidents.length, 0);
  });

  it('are as bad as the worst of several findings of one thing', () => {
    watch(minute, outcome([finding({ severity: 'ok', words: 'fine' }), finding({ words: 'bad' })]));
    assert.deepEqual(
      book.incidents.map((one) => [one.severity, one.words]),
      [['critical', 'bad']],
    );
  });

  it('remember nothing of what came and went', () => {
    const tracker = new AlertTracker(() => undefined);
    for (let i = 0; i < 10_000; i++) {
      tracker.observe('shop', outcome([finding({ subject: `pid ${i}`, severity: 'warning' })]), [], i * second);
    }
    tracker.observe('shop', outcome([]), [], 10_001 * second);
    assert.deepEqual(held(tracker), [0, 0]);
  });

  it('make no storm of a sleep', () => {
    const many = outcome(Array.from({ length: 20 }, (_, i) => finding({ subject: `${i}` })));
    clock.advance(5 * second);
    book.observe('shop', [many]);
    clock.advance(8 * 60 * minute);
    book.observe('shop', [many]);
    clock.advance(2 * second);
    assert.deepEqual([told.length, book.incidents.length], [0, 0]);
  });

  it('follow the rules of a person', () => {
    settings.overrides = [
      { policy: { criticalForMs: 0 } },
      { connection: 'shop', signal: 'sessions.*', policy: { enabled: false } },
      { connection: 'shop', signal: 'sessions.limit', policy: { enabled: true } },
    ];
    watch(5 * second, full, outcome([finding({ signal: 'sessions.limit' })]));
    assert.deepEqual(
      book.incidents.map((one) => one.signal),
      ['sessions.limit'],
    );
    settings.overrides = [{ policy: { enabled: false } }];
    watch(5 * second, outcome([finding({ signal: 'sessions.limit' })]));
    assert.equal(book.incidents.length, 0);
  });

  it('survive a reload, and are not told a second time', () => {
    watch(minute, full);
    book.mute('["x","y","z"]');
    const stored: unknown = JSON.parse(JSON.stringify(book));
    book.dispose();
    clock.advance(10 * minute);
    start(stored);
    assert.equal(book.incidents.length, 1);
    watch(minute, full);
    assert.deepEqual([told.length, book.mutedKeys], [1, ['["x","y","z"]']]);
    watch(2 * minute, fine);
    assert.equal(book.ended.length, 1);
  });

  it('take a damaged store for an empty one', () => {
    const good = { ...(JSON.parse(JSON.stringify(book)) as object) };
    for (const bad of [
      null,
      7,
      'x',
      [],
      {},
      { active: [{}, null, 'x'], past: 7, muted: [3] },
      { ...good, active: [{ key: 'x' }] },
    ]) {
      const fresh = new AlertBook(clock, settings, bad);
      assert.deepEqual([fresh.incidents, fresh.ended, fresh.mutedKeys], [[], [], []]);
      fresh.dispose();
    }
  });
});
