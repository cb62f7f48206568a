import { historyRows, historyTables, usualHistoryTables } from '../../flyway/read-history';
import { invalidIndexesStatement } from '../../health/checks/invalid-indexes';
import { Kept } from '../kept';
import { compareMeasures, allGood, type Measure } from '../measures';
import { outcomeResult } from '../outcome-result';
import { dropInvalidIndex } from '../reindex/index-actions';
import type { RunbookTools } from '../registry';
import { failed, ok, type Step, type StepResult, type StepRun } from '../runbook';
import { verdictText } from '../verdict';
import { migratingSessionsStatement, openConstraintsStatement, readLeftovers } from './leftovers';
import { dropIndexSql, validateConstraint, validateSql } from './migration-actions';
import { readMigrationEvidence } from './migration-evidence';
import { historiesMarkdown, leftoversMarkdown, migratingMarkdown, repairMarkdown } from './migration-text';
import { nextIn } from './next-elsewhere';
import { migrationVerdict, type MigrationEvidence } from './migration-verdict';
import { repairPreview } from './repair-preview';

const before = new Kept<readonly Measure[]>();

/** Steps that the rollback and the failure of a migration have in common. */
export interface MigrationSteps {
  readonly history: Step;
  readonly sessions: Step;
  readonly leftovers: Step;
  readonly verdict: Step;
  readonly repair: Step;
  readonly dropIndex: Step;
  readonly validate: Step;
  readonly verify: Step;
}

/** @param own the steps of the runbook among those that not each of them has */
export function migrationSteps(tools: RunbookTools, own: readonly string[]): MigrationSteps {
  return {
    history: {
      id: 'history',
      kind: 'diagnose',
      language: 'sql',
      heading:
        '## History\n\nThe tables are found first, then read; states by the scripts of this workspace, where there are any.',
      text: () =>
        `${historyTables(usualHistoryTables).text.trim()};\n\n${historyRows('the schema', 'the table').text.trim()}`,
      run: async (run) => {
        const { histories, states } = await readMigrationEvidence(run, tools);
        return ok(historiesMarkdown(histories, states));
      },
    },
    sessions: {
      id: 'sessions',
      kind: 'diagnose',
      language: 'sql',
      heading: '## Does one run now',
      text: () => migratingSessionsStatement.text.trim(),
      run: async ({ session, signal }) => {
        const { seesAllSessions } = session.capabilities;
        const rows = seesAllSessions ? await session.read(migratingSessionsStatement, signal) : [];
        return ok(migratingMarkdown(rows, seesAllSessions));
      },
    },
    leftovers: {
      id: 'leftovers',
      kind: 'diagnose',
      language: 'sql',
      heading: '## What is left half-done',
      text: () => `${invalidIndexesStatement.text.trim()};\n\n${openConstraintsStatement.text.trim()}`,
      run: async ({ session, signal }) => ok(leftoversMarkdown(await readLeftovers(session, signal))),
    },
    verdict: {
      id: 'verdict',
      kind: 'verdict',
      language: 'plaintext',
      heading: '## Verdict',
      text: () => 'In which state the database is, and the next step',
      run: async (run) => {
        const evidence = await readMigrationEvidence(run, tools);
        before.set(run.memory, measuresOf(evidence));
        const { main, others } = migrationVerdict(evidence);
        const { next } = main;
        return { ...ok(verdictText(nextIn(main, own), others)), ...(next ? { next: next.step } : {}) };
      },
    },
    repair: {
      id: 'repair',
      kind: 'diagnose',
      language: 'plaintext',
      heading: '## What `flyway repair` would do\n\nRow by row. It is not run here.',
      text: () => 'The rows it would remove, mark and realign, by the scripts of this workspace',
      run: async (run) => {
        const { states, project } = await readMigrationEvidence(run, tools);
        return ok(repairMarkdown(states && repairPreview(states, project?.ignorePatterns)));
      },
    },
    dropIndex: {
      id: 'drop-index',
      kind: 'act',
      language: 'sql',
      button: 'Act: drop an invalid index…',
      heading:
        '## Act: drop an invalid index\n\nIt is checked right before that it is still the same one, and still invalid.',
      text: () => `${dropIndexSql};`,
      run: (run) => dropIndex(run, tools),
    },
    validate: {
      id: 'validate',
      kind: 'act',
      language: 'sql',
      button: 'Act: validate a constraint…',
      heading: '## Act: validate a constraint',
      text: () => `${validateSql};`,
      run: (run) => validate(run, tools),
    },
    verify: {
      id: 'verify',
      kind: 'verify',
      language: 'sql',
      heading: '## Verify',
      text: () => `${invalidIndexesStatement.text.trim()};\n\n${openConstraintsStatement.text.trim()}`,
      run: (run) => verify(run, tools),
    },
  };
}

function measuresOf({ histories, leftovers, migrating, seesSessions }: MigrationEvidence): readonly Measure[] {
  const hidden = histories.some(({ rows }) => rows === undefined);
  const failures = histories.flatMap(({ rows = [] }) => rows).filter(({ success }) => !success).length;
  const waiting = migrating.filter(({ blockedBy }) => blockedBy.length > 0).length;
  return [
    {
      name: 'Failed rows in the history',
      shown: hidden ? null : String(failures),
      good: hidden ? null : failures === 0,
    },
    { name: 'Invalid indexes', shown: String(leftovers.indexes.length), good: leftovers.indexes.length === 0 },
    {
      name: 'Constraints that are NOT VALID',
      shown: String(leftovers.constraints.length),
      good: leftovers.constraints.length === 0,
    },
    {
      name: 'Migrations that wait for a lock',
      shown: seesSessions ? String(waiting) : null,
      good: seesSessions ? waiting === 0 : null,
    },
  ];
}

async function dropIndex(run: StepRun, { prompts, work }: RunbookTools): Promise<StepResult> {
  const indexes = await run.session.read(invalidIndexesStatement, run.signal);
  if (indexes.length === 0) return ok('No index is invalid: there is none to drop.');
  const chosen = await prompts.pick(
    `Drop an Invalid Index of ${run.profile.name}`,
    indexes.map((one) => ({ label: `${one.schema}.${one.index}`, description: `on ${one.table}`, value: one })),
    'Which one? The next question shows the exact statement',
  );
  if (!chosen) return ok('Nothing was done.');
  const { major, user } = run.session.capabilities;
  const index = { oid: chosen.oid, schema: chosen.schema, name: chosen.index };
  const action = dropInvalidIndex(index, major);
  return outcomeResult(await work.run(run.profile, action, run.signal), { role: user });
}

async function validate(run: StepRun, { gate, prompts }: RunbookTools): Promise<StepResult> {
  const constraints = await run.session.read(openConstraintsStatement, run.signal);
  if (constraints.length === 0) return ok('Every constraint is valid: there is none to validate.');
  const chosen = await prompts.pick(
    `Validate a Constraint of ${run.profile.name}`,
    constraints.map((one) => ({
      label: one.name,
      description: `${one.kind} of ${one.schema}.${one.table}`,
      value: one,
    })),
    'Which one? The next question shows the exact statement',
  );
  if (!chosen) return ok('Nothing was done.');
  const outcome = await gate.run(run.profile.id, validateConstraint(chosen), run.signal);
  return outcomeResult(outcome, { role: run.session.capabilities.user });
}

async function verify(run: StepRun, tools: RunbookTools): Promise<StepResult> {
  const evidence = await readMigrationEvidence(run, tools);
  const measures = measuresOf(evidence);
  const table = compareMeasures(before.get(run.memory), measures);
  if (allGood(measures)) return ok(`**Good again.**\n\n${table}`);
  const { main, others } = migrationVerdict(evidence);
  return failed(`${table}\n\n${verdictText(main, others)}`);
}
