import assert from 'node:assert/strict';
import { groupAsShown, groupSignal, severityOf } from '../../../src/core/monitor/group-signal';
import type { ShownSignal } from '../../../src/core/monitor/snapshot';
import { childrenOf } from '../../../src/vscode/tree/children';
import { elementId, type TreeElement } from '../../../src/vscode/tree/element';
import { signalItem } from '../../../src/vscode/tree/signal-item';
import { partItem } from '../../../src/vscode/tree/part-item';
import { partTooltip, signalTooltip } from '../../../src/vscode/tree/tooltips';
import { finding, now, shown, signal, snapshot } from './snapshot';

const group = (...signals: ShownSignal[]) => groupSignal(snapshot({ signals }), 'maintenance');
const below = (...signals: ShownSignal[]): TreeElement[] =>
  childrenOf({ kind: 'maintenance', connectionId: 'c' }, snapshot({ signals }));
const labels = (elements: readonly TreeElement[]): string[] =>
  elements.map((element) =>
    element.kind === 'finding' || element.kind === 'note' ? partItem(element, true, now).label : element.kind,
  );

describe('a group of checks', () => {
  it('is quiet when healthy, and says in words what its first check says', () => {
    const calm = group(
      shown('maintenance', [finding('nothing holds vacuum back')]),
      shown('maintenance', [finding('autovacuum keeps up')]),
    );
    assert.deepEqual([calm.evaluation.severity, calm.evaluation.summary], ['ok', 'nothing holds vacuum back']);
    assert.deepEqual(below(shown('maintenance', [finding('fine')])), []);
  });

  it('names the worst first and counts the rest', () => {
    const bad = [
      shown('maintenance', [finding('w', 'warning'), finding('h', 'hint')]),
      shown('maintenance', [finding('c', 'critical'), finding('fine')]),
    ];
    assert.deepEqual([group(...bad).evaluation.severity, group(...bad).evaluation.summary], ['critical', 'c · 1 more']);
    assert.deepEqual(labels(below(...bad)), ['c', 'w', 'h']);
  });

  it('takes advice for no warning', () => {
    const advised = group(
      shown('maintenance', [finding('calm')]),
      shown('maintenance', [finding('a', 'hint'), finding('b', 'hint')]),
    );
    assert.deepEqual([advised.evaluation.severity, advised.evaluation.summary], ['ok', 'calm · 2 hints']);
    const [item] = below(shown('maintenance', [finding('a', 'hint')])).map(
      (element) => element.kind === 'finding' && partItem(element, true, now),
    );
    assert.ok(item && item.icon.id === 'info' && item.icon.color === undefined);
  });

  it('does not know of backups where WAL is not archived', () => {
    const off = { ...finding('WAL is not archived', 'hint'), signal: 'archiver.mode' };
    const signals = [shown('backups', [finding('16 MB of WAL')]), shown('backups', [off])];
    const { evaluation } = groupAsShown(snapshot({ signals }), 'backups');
    assert.equal(groupSignal(snapshot({ signals }), 'backups').evaluation.severity, 'ok', 'for the connection');
    assert.deepEqual([evaluation.severity, evaluation.summary], ['unknown', 'WAL is not archived']);
  });

  it('is never green for what was not read, is old, or is hidden', () => {
    const failed = shown('maintenance', [finding('fine')], { problem: 'not read: it took too long' });
    assert.equal(severityOf(failed), 'unknown');
    assert.equal(group(failed).evaluation.summary, 'Test not read: it took too long');
    assert.deepEqual(labels(below(failed)), ['Test not read: it took too long']);
    assert.equal(severityOf(shown('maintenance', [finding('fine')], { stale: true })), 'unknown');
    assert.equal(group(shown('maintenance', [finding('limited view', 'unknown')])).evaluation.severity, 'unknown');
    const others = [failed, shown('maintenance', [finding('w', 'warning')])];
    assert.equal(group(...others).evaluation.severity, 'warning', 'and takes no other down');
  });

  it('does not grade what a server does not have, or what comes later', () => {
    assert.equal(severityOf(shown('maintenance', [], { absent: 'Read on a standby only.' })), 'ok');
    assert.equal(severityOf(shown('maintenance', [], { at: null })), 'ok');
    assert.equal(group(shown('maintenance', [], { at: null })).reading.kind, 'pending');
  });

  it('stands before the words of a better base, and behind those of a worse one', () => {
    const slots = [shown('replication', [finding('slot s is LOST', 'critical')])];
    const well = snapshot({ signals: slots, replication: signal<never>({ kind: 'pending' }, 'ok', '2 standbys') });
    assert.equal(groupSignal(well, 'replication').evaluation.summary, 'slot s is LOST · 2 standbys');
    const warned = [shown('replication', [finding('slot s keeps much', 'warning')])];
    const worse = snapshot({
      signals: warned,
      replication: signal<never>({ kind: 'pending' }, 'critical', '1 DISCONNECTED'),
    });
    const { severity, summary } = groupSignal(worse, 'replication').evaluation;
    assert.deepEqual([severity, summary], ['critical', '1 DISCONNECTED · 1 more']);
  });

  it('shows ten findings and counts those it leaves out', () => {
    const many = shown(
      'maintenance',
      Array.from({ length: 14 }, (_, index) => finding(`index ${index}`, 'hint')),
    );
    assert.equal(labels(below(many)).at(-1), '4 more findings');
    assert.equal(below(many).length, 11);
  });

  it('keeps text of a server on one line and in its direction', () => {
    const hostile = shown('maintenance', [finding('slot \u202Eevil\nsecond line', 'warning')]);
    const item = signalItem('maintenance', group(hostile), now);
    assert.equal(item.description, 'slot \uFFFDevil second line');
    assert.deepEqual(labels(below(hostile)), ['slot \uFFFDevil second line']);
  });

  it('gives each finding an identity of its own that outlives a refresh', () => {
    const two = below(
      shown('maintenance', [finding('x', 'hint', { subject: 'a/b' }), finding('x', 'hint', { subject: 'a' })]),
    );
    assert.deepEqual(two.map(elementId), ['c/maintenance/finding/test.x/a%2Fb', 'c/maintenance/finding/test.x/a']);
  });
});

describe('the hover of a finding', () => {
  const check = shown('maintenance', [
    finding('sequence s has used 93.1 % of its range', 'critical', {
      value: 0.9313,
      unit: 'ratio',
      threshold: { warning: 0.75, critical: 0.9, direction: 'above' },
      lines: ['It fills t.id, an int4.'],
      change: 'ALTER TABLE t …',
    }),
  ]);

  it('explains what was measured, when, against which limits, by which statement, and what to do', () => {
    const [element] = below(check);
    assert.ok(element?.kind === 'finding');
    const { lines, sql, readBy } = partTooltip(element, true, now);
    const text = lines.join('\n');
    assert.match(text, /^Test: critical\nsequence s has used 93\.1 % of its range\./);
    assert.match(text, /Measured: 93\.1 %\. Warning above 75\.0 %, critical above 90\.0 %\./);
    assert.match(text, /Why it matters\./);
    assert.match(text, /Read at \d\d:\d\d:\d\d\. Read every 60 s\. Runbook: Vacuum\./);
    assert.equal(sql, 'ALTER TABLE t …');
    assert.equal(readBy, '-- Test\nSELECT 1;');
  });

  it('of a group of checks alone says when they were read', () => {
    const text = (...ages: number[]): string => {
      const signals = ages.map((age) => shown('queries', [finding('x')], { at: now - age }));
      return signalTooltip('queries', snapshot({ signals }), now).lines.join('\n');
    };
    assert.match(text(1000), /\nRead at \d\d:\d\d:\d\d\.$/);
    assert.match(text(1000, 61_000), /\nRead one after another, the oldest at [\d:]{8}, the latest at [\d:]{8}\.$/);
  });

  it('of a group has one line of each check and every statement it was read by', () => {
    const pool = snapshot({
      signals: [shown('pool', [finding('no leak')])],
      sessions: signal<never>({ kind: 'pending' }),
    });
    const { lines, readBy = '' } = signalTooltip('pool', pool, now);
    assert.ok(lines.includes('Test: no leak.'));
    assert.match(readBy, /^-- Sessions\nWITH me AS/);
    assert.match(readBy, /-- Test, every 60 s\nSELECT 1;$/);
  });
});
