import type { MigrationInfo } from '../../flyway/history-states';
import { escapeMarkdown, inlineCode } from '../markdown';
import type { RunbookTools } from '../registry';
import { ok, type Runbook } from '../runbook';
import { readMigrationEvidence } from './migration-evidence';
import { migrationSteps } from './migration-steps';

const why = `# Migration Rollback

**When:** the application fails after a migration, data look wrong, constraints are violated.

First the state: what the history says, what is left half-done. Then the options, in their order. This panel never writes
the history table. The guide's \`UPDATE flyway_schema_history SET success = false\` makes Flyway refuse to run, and repair
then deletes the row so that the migration is applied AGAIN. Its \`DROP COLUMN IF EXISTS\` destroys data under the
strongest lock: keep a pre-image first.`;

/** The runbook of the guide's "Migration Rollback". */
export function migrationRollback(tools: RunbookTools): Runbook {
  const steps = migrationSteps(tools, ['repair']);
  return {
    id: 'migration-rollback',
    version: 1,
    title: 'Migration Rollback',
    level: 'L2',
    steps: [
      { id: 'why', kind: 'why', language: 'markdown', text: () => why },
      steps.history,
      steps.leftovers,
      steps.sessions,
      steps.verdict,
      {
        id: 'options',
        kind: 'diagnose',
        language: 'plaintext',
        heading: '## The options, in their order',
        text: () => 'What can be done, from the least harm to the most, with the undo script of this workspace checked',
        run: async (run) => ok(optionsMarkdown((await readMigrationEvidence(run, tools)).states, tools)),
      },
      steps.repair,
      steps.dropIndex,
      steps.validate,
      steps.verify,
    ],
  };
}

function optionsMarkdown(states: readonly MigrationInfo[] | undefined, tools: RunbookTools): string {
  return [
    '1. **Roll back the application,** not the schema: where the old version can run on the new schema (columns were only added, nothing was renamed or dropped), switch traffic back. No data are at risk.',
    '2. **Fix forward:** a new version that mends what is wrong. It goes through review, lint and staging as any other.',
    `3. **Undo by a proven reverse script.** ${undoText(states, tools)}`,
    "4. **A reverse script by hand,** as a new version, tried in staging. Before anything is dropped, keep a pre-image of the rows to be lost, for example:\n\n   ```sql\n   CREATE TABLE rescue_users_new_field AS SELECT id, new_field FROM users WHERE new_field IS NOT NULL;\n   ```\n\n   and `SET LOCAL lock_timeout = '2s'` with a retry, so that nobody queues behind it.",
    '5. **`flyway repair`,** only after the failed script was mended and its effect read below.',
  ].join('\n\n');
}

/** The latest applied version and its undo script, with what lint says of it. */
function undoText(states: readonly MigrationInfo[] | undefined, { lintOf }: RunbookTools): string {
  if (!states) return 'No scripts of this history were found in the workspace, so none can be checked.';
  const last = states.findLast(
    ({ row, script, state }) =>
      row && script?.meaning.kind === 'versioned' && ['Success', 'Failed', 'Out of Order'].includes(state),
  );
  const version = last?.script?.meaning.kind === 'versioned' ? last.script.meaning.version.text : undefined;
  if (version === undefined) return 'No versioned migration of this workspace is applied.';
  const undo = states.find(
    ({ script }) => script?.meaning.kind === 'undo' && script.meaning.version.text === version,
  )?.script;
  if (!undo)
    return `The latest, V${escapeMarkdown(version)}, has no undo script in this workspace. _DB Ops: Create Undo Script_ offers one; \`flyway undo\` itself needs Flyway Teams.`;
  const findings = lintOf(undo.path);
  const name = inlineCode(undo.path.slice(undo.path.lastIndexOf('/') + 1));
  if (!findings) return `${name} is there; lint has not looked at it: run _DB Ops: Lint Migrations_ first.`;
  if (findings.length === 0)
    return `${name} is there, and the rollback rules find nothing against it. \`flyway undo\` itself needs Flyway Teams; else run it as a new version.`;
  return `${name} is there. **Not as it is:** the rules say\n\n${findings.map((line) => `   - ${escapeMarkdown(line)}`).join('\n')}`;
}
