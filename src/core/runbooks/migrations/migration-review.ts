import { historyRows, historyTables, usualHistoryTables } from '../../flyway/read-history';
import type { RunbookTools } from '../registry';
import { failed, ok, type Runbook, type StepRun } from '../runbook';
import { verdictText, type Verdict } from '../verdict';
import { reviewFindings, reviewMarkdown, type ReviewCause } from './history-review';
import { readMigrationEvidence } from './migration-evidence';
import { migrationSteps } from './migration-steps';
import { nextIn } from './next-elsewhere';
import { migrationVerdict, type MigrationCause } from './migration-verdict';

const why = `# Flyway History Review

**When:** before a release, when validate stops, or before anybody runs \`flyway repair\`.

The history is read and never written. \`repair\` removes failed rows AND marks what is missing as deleted AND takes over
changed checksums, all at once: what it would do is shown row by row first. The guide wants versions without gaps; Flyway
does not need that, so a gap is only told.`;

const own = ['repair'];

type Found = Verdict<ReviewCause | MigrationCause>;

/** The runbook of the guide's "Migration Maintenance". */
export function migrationReview(tools: RunbookTools): Runbook {
  const steps = migrationSteps(tools, own);
  const read = `${historyTables(usualHistoryTables).text.trim()};\n\n${historyRows('the schema', 'the table').text.trim()}`;
  return {
    id: 'migration-review',
    version: 1,
    title: 'Flyway History Review',
    level: 'L2',
    steps: [
      { id: 'why', kind: 'why', language: 'markdown', text: () => why },
      steps.history,
      {
        id: 'review',
        kind: 'diagnose',
        language: 'sql',
        heading: '## In numbers',
        text: () => read,
        run: async (run) => ok(reviewMarkdown(await readMigrationEvidence(run, tools))),
      },
      steps.repair,
      steps.leftovers,
      {
        id: 'verdict',
        kind: 'verdict',
        language: 'plaintext',
        heading: '## Verdict',
        text: () => 'What stands between this history and the next migrate',
        run: async (run) => {
          const [main, ...others] = await found(run, tools);
          const { next } = main;
          return { ...ok(verdictText(nextIn(main, own), others)), ...(next ? { next: next.step } : {}) };
        },
      },
      steps.dropIndex,
      steps.validate,
      {
        id: 'verify',
        kind: 'verify',
        language: 'sql',
        heading: '## Verify',
        text: () => read,
        run: async (run) => {
          const [main, ...others] = await found(run, tools);
          const good = main.cause === 'clean' || main.cause === 'pending' || main.cause === 'out-of-order';
          return good ? ok(verdictText(main, others)) : failed(verdictText(main, others));
        },
      },
    ],
  };
}

/** The worst first: what failed or drifted, then what a review finds; clean only where it finds nothing. */
async function found(run: StepRun, tools: RunbookTools): Promise<readonly [Found, ...Found[]]> {
  const evidence = await readMigrationEvidence(run, tools);
  const { main, others } = migrationVerdict(evidence);
  const reviewed = reviewFindings(evidence);
  const [first, ...rest] = reviewed;
  if (main.cause !== 'clean' || !first) return [main, ...others, ...reviewed];
  return [first, ...rest];
}
