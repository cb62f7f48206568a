import assert from 'node:assert/strict';
import { diskAbout } from '../../../src/core/health/disk';
import type { Finding } from '../../../src/core/health/signal';
import { notWatched } from '../../../src/core/monitor/build-snapshot';
import type { ServerSnapshot, ShownSignal } from '../../../src/core/monitor/snapshot';
import { diskNote, freeDiskOf } from '../../../src/core/runbooks/vacuum/full-gates';

const finding = (signal: string, value: number | null, subject = ''): Finding => ({
  signal,
  subject,
  value,
  unit: 'bytes',
  severity: 'ok',
  words: '',
  lines: [],
  threshold: null,
});
const shot = (findings: readonly Finding[], changes: Partial<ShownSignal> = {}): ServerSnapshot => ({
  ...notWatched('x'),
  watched: true,
  signals: [{ about: diskAbout, sql: '', at: 1, problem: null, absent: null, findings, stale: false, ...changes }],
});

describe('the room for a rewrite', () => {
  const used = [finding('disk.used', 0.75), finding('disk.bytes', 300)];

  it('is what the disk has left by a current reading, and not known else', () => {
    assert.equal(freeDiskOf(shot(used)), 100);
    assert.equal(freeDiskOf(shot(used, { stale: true })), null);
    assert.equal(freeDiskOf(shot(used, { problem: 'not read' })), null);
    assert.equal(freeDiskOf({ ...shot(used), watched: false }), null);
    assert.equal(freeDiskOf(shot([finding('disk.used', null), finding('disk.bytes', null)])), null);
    assert.equal(freeDiskOf(notWatched('x')), null);
  });

  it('is that of the fullest of several disks', () => {
    const two = [...used, finding('disk.used', 0.5, '/wal'), finding('disk.bytes', 40, '/wal')];
    assert.equal(freeDiskOf(shot(two)), 40);
    assert.equal(freeDiskOf(shot([...used, finding('disk.used', 0.5, '/wal')])), null);
    assert.match(diskNote(1024, null), /not visible in SQL/);
    assert.match(diskNote(1024, 2048), /Free on the disk, by its latest reading: 2 kB/);
  });
});
