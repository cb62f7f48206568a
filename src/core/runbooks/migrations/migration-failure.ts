import { busySessionsStatement } from '../pool-exhaustion/session-groups';
import { outcomeResult } from '../outcome-result';
import type { RunbookTools } from '../registry';
import { ok, type Runbook, type StepResult, type StepRun } from '../runbook';
import { actionStatement, type Victim } from '../session-actions';
import { orderedChoices, victimPlaceholder } from '../victim-choice';
import { migratingSessionsStatement } from './leftovers';
import { migrationSteps } from './migration-steps';

const why = `# Migration Failure

**When:** a deployment stops in its migration: it fails, or it does not end.

Assess first, then act: does one run or wait now, did it leave a failed row, what is half-done? A script in one transaction
leaves nothing behind when it fails. What runs outside of one (CREATE INDEX CONCURRENTLY) does. When the state is known, the
_Migration Rollback_ runbook has the options.

**Is data damaged?** Only a person can tell:

- ☐ The application reads and writes what the migration touched, and its numbers are right (smoke test)
- ☐ Rows that the migration changed were looked at, a few of them, by hand
- ☐ Jobs that write are stopped until this is known`;

/** The runbook of the guide's "Migration failure: assess impact, execute rollback procedure if safe". */
export function migrationFailure(tools: RunbookTools): Runbook {
  const steps = migrationSteps(tools, ['end']);
  return {
    id: 'migration-failure',
    version: 1,
    title: 'Migration Failure',
    level: 'L2',
    steps: [
      { id: 'why', kind: 'why', language: 'markdown', text: () => why },
      steps.sessions,
      steps.history,
      steps.leftovers,
      steps.verdict,
      {
        id: 'end',
        kind: 'act',
        language: 'sql',
        button: 'Act: end a session…',
        heading:
          '## Act: end a session\n\nThe migration, or what stands in its way. `$1` is its pid and `$2` its `backend_start`.',
        text: ({ major }) =>
          (['cancel', 'terminate'] as const)
            .map((action) => `-- ${action}\n${actionStatement(action, { pid: 0, backendStart: null }, major).text};`)
            .join('\n\n'),
        run: (run) => end(run, tools),
      },
      steps.dropIndex,
      steps.validate,
      steps.verify,
    ],
  };
}

async function end(run: StepRun, { gate, prompts }: RunbookTools): Promise<StepResult> {
  const { session, signal, profile } = run;
  if (!session.capabilities.seesAllSessions)
    return ok('What other sessions do is hidden from this role: connect with a role of pg_monitor.');
  const migrating = await session.read(migratingSessionsStatement, signal);
  const busy = await session.read(busySessionsStatement(0), signal);
  const inTheWay = migrating.flatMap(({ blockedBy }) => blockedBy);
  const wanted = [...migrating.map(({ pid }) => pid), ...inTheWay];
  const victims: Victim[] = busy
    .filter(({ pid }) => wanted.includes(pid))
    .map((victim) => ({
      ...victim,
      holdsUp: migrating.filter(({ blockedBy }) => blockedBy.includes(victim.pid)).length,
    }));
  if (victims.length === 0) return ok('No session migrates now, and none stands in the way of one.');
  const waits = migrating.find(({ blockedBy }) => blockedBy.length > 0);
  const recommended = waits && {
    pid: waits.pid,
    action: 'cancel' as const,
    why: 'the migration waits, and others behind it',
  };
  const chosen = await prompts.pick(
    `Migration Failure on ${profile.name}`,
    orderedChoices(victims, recommended),
    victimPlaceholder,
  );
  if (!chosen) return ok('Nothing was done.');
  const outcome = await gate.signal(profile.id, chosen.victim, chosen.action, signal);
  return outcomeResult(outcome, { role: session.capabilities.user });
}
