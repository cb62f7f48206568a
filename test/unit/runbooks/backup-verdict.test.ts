import assert from 'node:assert/strict';
import { archiveHabit, programOf, restoreCommandFor } from '../../../src/core/runbooks/backup/archive-command';
import type { BackupEvidence } from '../../../src/core/runbooks/backup/backup-evidence';
import { settingsMarkdown } from '../../../src/core/runbooks/backup/backup-text';
import { backupMeasures, backupVerdict } from '../../../src/core/runbooks/backup/backup-verdict';
import { drillPlan, restorePlan, restoreSettings } from '../../../src/core/runbooks/backup/restore-plan';
import { parseTarget, targetOf, targetText, targetTime } from '../../../src/core/runbooks/backup/target-time';
import { allGood } from '../../../src/core/runbooks/measures';

const now = Date.UTC(2026, 1, 9, 15, 0, 0);
const calm: BackupEvidence = {
  recovery: {
    inRecovery: false,
    paused: false,
    target: null,
    action: 'pause',
    hasRestoreCommand: false,
    receiving: false,
    replayedLsn: null,
    replayedAt: null,
    timeline: 1,
  },
  settings: {
    walLevel: 'replica',
    archiveMode: 'on',
    archiveCommand: '/usr/bin/pgbackrest --stanza=shop archive-push %p',
    archiveLibrary: null,
    archiveTimeoutS: 900,
    checksums: true,
    timeline: 1,
    tablespaces: [],
    version: '18.4',
  },
  capacity: {
    inRecovery: false,
    systemIdentifier: '7',
    slotName: null,
    clusterName: null,
    sharedBuffers: 1,
    effectiveCache: 1,
    workMem: 1,
    hashMultiplier: 1,
    maintenanceMem: 1,
    autovacuumWorkers: 3,
    atLeastOnStandby: { max_connections: 150, max_worker_processes: 8 },
    walLevel: 'replica',
    walSenders: 0,
    slots: 0,
    maxSlots: 10,
    slotsLimited: true,
    hit: 0,
    read: 0,
    tempBytes: 0,
    readMs: null,
    countedS: null,
    pendingRestart: [],
  },
  archiver: {
    mode: 'on',
    lastArchived: '000000010000000000000004',
    archivedS: 60,
    lastFailed: null,
    failedS: null,
    failures: 0,
    hasCommand: true,
  },
  age: {
    mode: 'on',
    ageS: 60,
    bytes: 1000,
    segmentBytes: 16 * 1024 ** 2,
    timeoutS: 900,
    failing: false,
  },
  backlog: { archives: true, ready: 0, walBytes: 1e8, maxWalBytes: 1e9 },
  label: { file: '000000010000000000000003.00000028.backup', ageS: 3600 },
  seesLabels: true,
  slots: [],
  backups: [],
  sizes: [{ database: 'shop', bytes: 1024 ** 3 }],
  tables: [{ schema: 'public', name: 'Order "x"', rows: 5 }],
};
const causesOf = (evidence: BackupEvidence): readonly string[] => {
  const { main, others } = backupVerdict(evidence);
  return [main, ...others].map(({ cause }) => cause);
};
const archiver = (changes: Partial<NonNullable<BackupEvidence['archiver']>>): BackupEvidence => ({
  ...calm,
  archiver: { ...calm.archiver!, ...changes },
});
const recovering = (changes: Partial<BackupEvidence['recovery']>): BackupEvidence => ({
  ...calm,
  recovery: { ...calm.recovery, inRecovery: true, target: 'recovery_target_time = 2026', ...changes },
  archiver: null,
  age: null,
  backlog: null,
  label: null,
});

describe('the verdict of the backup runbook', () => {
  it('is green only where the archive works, and never promises a backup', () => {
    assert.deepEqual(causesOf(calm), ['none']);
    assert.ok(allGood(backupMeasures(calm)));
    assert.match(backupVerdict(calm).main.lines.join(), /only a drill tells/);
    const blind = { ...calm, label: null, seesLabels: false, backlog: null };
    assert.match(backupVerdict(blind).main.lines.join(), /NOT known here/);
    assert.ok(!allGood(backupMeasures(blind)), 'what waits is hidden');
    assert.ok(!allGood(backupMeasures(archiver({ mode: 'off' }))));
  });

  it('names the cause, the worst first', () => {
    const failing = archiver({ failedS: 5, archivedS: 4000, lastFailed: '000000010000000000000005' });
    const full = { ...failing, backlog: { archives: true, ready: 300, walBytes: 5e9, maxWalBytes: 1e9 } };
    assert.deepEqual(causesOf(full), ['failing', 'backlog', 'wal-kept']);
    assert.match(backupVerdict(full).others[1]!.lines[0]!, /The archiver keeps it/);
    assert.deepEqual(causesOf(archiver({ hasCommand: false })), ['no-command']);
    assert.deepEqual(causesOf(archiver({ archivedS: null })), ['never-archived']);
    assert.deepEqual(causesOf(archiver({ mode: 'off' })), ['off']);
    const age = { ...calm.age!, ageS: 1200, timeoutS: 0 };
    const settings = { ...calm.settings, archiveTimeoutS: 0, archiveCommand: 'aws s3 cp %p s3://b/%f' };
    assert.deepEqual(causesOf({ ...calm, age, settings }), ['exposed', 'overwrites', 'no-timeout']);
    assert.deepEqual(causesOf({ ...calm, label: { ...calm.label!, ageS: 200_000 } }), ['no-backup']);
    const slot = { ...slotOf('dead'), retainedBytes: 4e9 };
    const kept = { ...calm, backlog: { ...calm.backlog!, walBytes: 5e9 }, slots: [slotOf('small'), slot] };
    assert.match(backupVerdict(kept).main.lines[0]!, /Slot dead keeps 3\.7 GB, and has no consumer/);
  });

  it('tells a copy on its way from one at its target, and both from a standby', () => {
    assert.deepEqual(causesOf(recovering({ target: null })), ['standby']);
    assert.deepEqual(causesOf(recovering({ paused: false })), ['restoring']);
    assert.deepEqual(causesOf(recovering({ paused: true, replayedAt: '2026-02-09 14:29:58+00' })), ['at-target']);
    assert.ok(!allGood(backupMeasures(recovering({ paused: true }))));
  });
});

function slotOf(name: string): BackupEvidence['slots'][number] {
  return {
    name,
    logical: false,
    database: null,
    active: false,
    walStatus: 'reserved',
    safeBytes: null,
    retainedBytes: 1e8,
    unconfirmedBytes: null,
    conflicting: false,
    invalidation: null,
    inactiveS: null,
    limited: false,
  };
}

describe('the restore of the backup runbook', () => {
  it('takes a target with its offset only, and writes it in UTC', () => {
    assert.equal(targetText(parseTarget('2026-02-09 14:30:00+01')!), '2026-02-09 13:30:00.000+00');
    assert.equal(targetText(parseTarget('2026-02-09T14:30Z')!), '2026-02-09 14:30:00.000+00');
    assert.equal(targetText(parseTarget('2026-02-09 14:30:00.5 -05:30')!), '2026-02-09 20:00:00.500+00');
    for (const wrong of ['2026-02-09 14:30:00', 'yesterday', '2026-13-09 14:30:00Z', "2026-02-09 14:30:00Z'; x", ''])
      assert.ok(targetTime.own?.request.validate?.(wrong), wrong);
    assert.match(targetTime.own!.request.validate!('2999-01-01 00:00Z')!, /future/);
    assert.equal(targetOf({ target: { value: 'x', label: '' } }), null);
  });

  it('copies the settings that the copy needs, and none of the errors of the guide', () => {
    const settings = restoreSettings(calm, now - 1_800_000);
    assert.match(settings, /recovery_target_time = '2026-02-09 14:30:00\.000\+00'/);
    assert.match(settings, /recovery_target_action = 'pause'/);
    assert.match(settings, /archive_mode = off/);
    assert.match(settings, /max_connections = 150/);
    assert.match(settings, /restore_command = 'pgbackrest --stanza=STANZA archive-get %f "%p"'/);
    assert.match(restoreSettings(calm, null), /'YYYY-MM-DD HH:MM:SS\+00'/);
    const plan = restorePlan(calm, now - 1_800_000, 18, now);
    assert.doesNotMatch(plan, /Not archived yet|older base backup/);
    assert.match(plan, /pg_get_wal_replay_pause_state/);
    assert.match(restorePlan(calm, null, 13, now), /pg_is_wal_replay_paused/);
    assert.match(restorePlan(calm, now - 30_000, 18, now), /\*\*Not archived yet:\*\*/);
    assert.match(restorePlan(calm, now - 7_200_000, 18, now), /\*\*An older base backup is needed:\*\*/);
    assert.match(drillPlan(calm), /SELECT 'public\.Order "x"' AS probe, count\(\*\) FROM "public"\."Order ""x"""/);
  });

  it('judges an archive command by its text, and shows its program alone', () => {
    const habits = {
      'aws s3 cp %p s3://backups/wal/%f': 'overwrites',
      'cp %p /archive/%f': 'overwrites',
      'test ! -f /archive/%f && cp %p /archive/%f': 'refuses',
      'rsync -a %p host::wal/%f': 'overwrites',
      'rsync -a --ignore-existing %p host::wal/%f': 'refuses',
      '/usr/bin/pgbackrest --stanza=x archive-push %p': 'refuses',
      'envdir /etc/wal-g.d wal-g wal-push %p': 'unknown',
      '/opt/ship.sh %p %f': 'unknown',
    };
    for (const [command, habit] of Object.entries(habits)) assert.equal(archiveHabit(command), habit, command);
    const secret = 'AWS_SECRET_ACCESS_KEY=hunter2 /usr/local/bin/aws s3 cp %p s3://b/%f';
    assert.equal(programOf(secret), 'aws');
    assert.match(restoreCommandFor(secret), /^aws s3 cp s3:/);
    const shown = settingsMarkdown({ ...calm, settings: { ...calm.settings, archiveCommand: secret } });
    assert.doesNotMatch(shown, /hunter2/);
  });
});
