import { archiveAgeStatement } from '../../health/checks/archive-age';
import { archiverStatement } from '../../health/checks/archiver';
import { slotsStatement } from '../../health/checks/slots';
import { walBacklogStatement } from '../../health/checks/wal-backlog';
import { systemClock } from '../../ports/clock';
import { baseBackupsStatement } from '../base-backups';
import { Kept } from '../kept';
import { allGood, compareMeasures, type Measure } from '../measures';
import { outcomeResult } from '../outcome-result';
import type { RunbookTools } from '../registry';
import { resumeReplay, resumeSql } from '../replication-lag/lag-actions';
import { slotsMarkdown } from '../replication-lag/lag-evidence';
import { failed, ok, type Runbook, type Step, type StepResult, type StepRun } from '../runbook';
import { verdictText } from '../verdict';
import {
  backupLabelStatement,
  backupSettingsStatement,
  largeTablesStatement,
  readBackupEvidence,
  recoveryStatement,
  type BackupEvidence,
} from './backup-evidence';
import { archiveMarkdown, backupsMarkdown, recoveryMarkdown, settingsMarkdown } from './backup-text';
import { backupMeasures, backupVerdict } from './backup-verdict';
import { drillPlan, restorePlan } from './restore-plan';
import { switchSql, switchWal } from './switch-wal';
import { targetOf, targetTime } from './target-time';

const why = `# Backup and Recovery

**When:** archiving fails or lags, WAL fills the disk, something must be restored, or a drill is due.

The guide promises an RPO of 15 minutes and an RTO of an hour. The first holds only while WAL is archived at least that
often; the second only a drill can show. Nothing is restored by this runbook: a restore runs on another machine, and is
checked from here.

**Where the guide errs:** a dump is no base for a point-in-time recovery; \`recovery.conf\` is refused since 12; a target without
its offset is read in the zone of the server; \`aws s3 cp\` overwrites silently; WAL of 7 days cannot restore a dump of 30.`;

const before = new Kept<readonly Measure[]>();

/** The runbook of the guide's "Backup and Recovery". */
export function backup(tools: RunbookTools): Runbook {
  return {
    id: 'backup',
    version: 1,
    title: 'Backup and Recovery',
    level: 'L2',
    parameters: [targetTime],
    steps: [...diagnosis(), ...procedures(tools)],
  };
}

function diagnosis(): readonly Step[] {
  const diagnose = (
    id: string,
    heading: string,
    text: Step['text'],
    show: (evidence: BackupEvidence) => string,
  ): Step => ({
    id,
    kind: 'diagnose',
    language: 'sql',
    heading,
    text,
    run: async ({ session, signal }) => ok(show(await readBackupEvidence(session, signal))),
  });
  const joined = (...texts: readonly string[]): string => texts.map((text) => text.trim()).join(';\n\n');
  return [
    { id: 'why', kind: 'why', language: 'markdown', text: () => why },
    diagnose(
      'archive',
      '## The archive',
      () => joined(archiverStatement.text, archiveAgeStatement.text, walBacklogStatement.text),
      archiveMarkdown,
    ),
    diagnose('settings', '## Settings', () => backupSettingsStatement.text.trim(), settingsMarkdown),
    diagnose(
      'backups',
      '## Base backups',
      ({ major }) => joined(...(major >= 13 ? [baseBackupsStatement.text] : []), backupLabelStatement.text),
      backupsMarkdown,
    ),
    diagnose(
      'slots',
      '## Slots that keep WAL',
      ({ major }) => slotsStatement(major).text.trim(),
      ({ slots }) => slotsMarkdown(slots),
    ),
    diagnose(
      'recovery',
      '## The recovery of this server\n\nFor a copy that is being restored: run it again until it is paused.',
      ({ major }) => recoveryStatement(major).text.trim(),
      recoveryMarkdown,
    ),
    {
      id: 'verdict',
      kind: 'verdict',
      language: 'plaintext',
      heading: '## Verdict',
      text: () => 'Whether it could be restored to a quarter of an hour ago, and the next step',
      run: async (run) => {
        const evidence = await readBackupEvidence(run.session, run.signal);
        before.set(run.memory, backupMeasures(evidence));
        const { main, others } = backupVerdict(evidence);
        return { ...ok(verdictText(main, others)), ...(main.next ? { next: main.next.step } : {}) };
      },
    },
  ];
}

function procedures({ gate }: RunbookTools): readonly Step[] {
  return [
    {
      id: 'switch',
      kind: 'act',
      language: 'sql',
      button: 'Act: archive now…',
      heading: '## Act: archive what there is now\n\nCloses the present segment and waits until it is archived.',
      text: () => `${switchSql};`,
      run: async (run) =>
        outcomeResult(await gate.run(run.profile.id, switchWal(systemClock), run.signal), {
          role: run.session.capabilities.user,
        }),
    },
    {
      id: 'restore',
      kind: 'diagnose',
      language: 'sql',
      heading: '## Point-in-time recovery\n\nA checklist with the values of this server. Nothing of it is done here.',
      text: () => backupSettingsStatement.text.trim(),
      run: async ({ session, signal, parameters, now }) =>
        ok(
          restorePlan(
            await readBackupEvidence(session, signal),
            targetOf(parameters),
            session.capabilities.major,
            now.getTime(),
          ),
        ),
    },
    {
      id: 'resume',
      kind: 'act',
      language: 'sql',
      button: 'Act: end the recovery…',
      heading:
        '## Act: end the recovery of a copy\n\nOn the restored server only, when its data are right: paused at its target, it opens for writes.',
      text: () => `${resumeSql};`,
      run: (run) => endRecovery(run, gate),
    },
    {
      id: 'drill',
      kind: 'diagnose',
      language: 'sql',
      heading: '## The drill, and its record',
      text: () => largeTablesStatement.text.trim(),
      run: async ({ session, signal }) => ok(drillPlan(await readBackupEvidence(session, signal))),
    },
    {
      id: 'verify',
      kind: 'verify',
      language: 'sql',
      heading: '## Verify',
      text: () => `${archiverStatement.text.trim()};\n\n${archiveAgeStatement.text.trim()}`,
      run: verify,
    },
  ];
}

/** A standby that is paused for another reason is resumed by the Replication Lag runbook. */
async function endRecovery(run: StepRun, gate: RunbookTools['gate']): Promise<StepResult> {
  const { recovery } = await readBackupEvidence(run.session, run.signal);
  if (!recovery.inRecovery) return ok('This server is not in recovery: there is none to end.');
  if (recovery.target === null)
    return failed('**Refused.** This is a standby without a recovery target: ending its recovery is a failover.');
  if (!recovery.paused) return failed('**Refused.** It is not at its target yet.');
  const outcome = await gate.run(run.profile.id, resumeReplay(), run.signal);
  return outcomeResult(outcome, { role: run.session.capabilities.user });
}

async function verify({ session, signal, memory }: StepRun): Promise<StepResult> {
  const evidence = await readBackupEvidence(session, signal);
  const measures = backupMeasures(evidence);
  const compared = compareMeasures(before.get(memory), measures);
  if (allGood(measures))
    return ok(`**Good again.** Whether a backup can be restored only a drill tells.\n\n${compared}`);
  const { main, others } = backupVerdict(evidence);
  return failed(`${compared}\n\n${verdictText(main, others)}`);
}
