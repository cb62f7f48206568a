import { said } from '../core/format/phrase';
import type { MigrationState } from '../core/flyway/history-states';
import { fixesInWorkspace } from '../core/lint/fixes/fixes-in-workspace';
import type { ProjectFix } from '../core/lint/fixes/project-fix';
import { hasSafeFix, ownFix } from '../core/lint/fixes/safe-fixes';
import type { Finding } from '../core/lint/finding';
import type { WorkspaceLint } from '../core/lint/lint-workspace';
import { BranchError, readBranch } from '../files/git-branch';
import { applyFix, FixError, type Disk } from './apply-fix';
import type { TargetLinter } from './lint-target';
import { isBelow } from './project-around';

/** A fix leads to no more than a few others: this many rounds mean that two undo each other. */
const mostRounds = 200;

/** Scripts in these states are what a database holds them to. */
const hasRun: ReadonlySet<MigrationState> = new Set(['Success', 'Out of Order', 'Baseline', 'Below Baseline']);

/** One fix that was written, or would be. */
export interface AppliedFix {
  readonly path: string;
  readonly rule: string;
  readonly title: string;
}

/**
 * Writes the safe fixes of scripts that have not been applied: those that the branch of `changedSince`, else git's main
 * branch, does not hold, and that no database has run; all of them where there is neither. `disk` is where they are written.
 * @returns what was done, and what could not be written
 */
export async function fixTargets(
  linter: TargetLinter,
  options: { readonly changedSince: string | undefined; readonly disk?: Disk },
): Promise<{ applied: AppliedFix[]; failed: string[] }> {
  const applied: AppliedFix[] = [];
  const failed = new Map<string, string>();
  const branches = new Branches(options.changedSince);
  for (let round = 0; round < mostRounds; round++) {
    let progress = false;
    const results = await linter.lint();
    const states = linter.statesOf(results);
    for (const lint of results) {
      const touched = new Set<string>();
      for (const finding of lint.findings) {
        const key = [finding.path, finding.rule, finding.start].join('\0');
        const one =
          failed.has(key) || touched.has(finding.path) || hasRun.has(states.get(finding.path) ?? 'Pending')
            ? undefined
            : await safeFix(linter, lint, finding, branches);
        const script = lint.scripts.find(({ path }) => path === finding.path);
        const isNew = one?.files.every(({ path }) => !touched.has(path));
        // Two fixes of one round could take the same next version.
        if (!one || !script || isNew !== true || (one.files.some(isVersion) && touched.has('a new version'))) continue;
        for (const path of [finding.path, ...one.files.map((file) => file.path)]) touched.add(path);
        if (one.files.some(isVersion)) touched.add('a new version');
        try {
          await applyFix(script, one, options.disk);
          applied.push({ path: finding.path, rule: finding.rule, title: said(one.title) });
          progress = true;
        } catch (error) {
          if (!(error instanceof FixError) && !(error instanceof Error && 'code' in error)) throw error;
          failed.set(key, error.message);
        }
      }
    }
    if (!progress) break;
  }
  return { applied, failed: [...failed.values()] };
}

function isVersion({ path }: { readonly path: string }): boolean {
  return !/\/U[^/]*$/.test(path);
}

async function safeFix(
  linter: TargetLinter,
  lint: WorkspaceLint,
  finding: Finding,
  branches: Branches,
): Promise<ProjectFix | undefined> {
  const own = lint.linted.find(({ scripts }) => scripts.some(({ path }) => path === finding.path));
  if (!own || !hasSafeFix(finding, own.project.config)) return undefined;
  const [first] = finding.fix
    ? [ownFix(finding)]
    : await fixesInWorkspace(linter.workspace, lint, finding, linter.files, linter.grammar);
  if (!first || first.asksReason === true || first.edits.some(({ path }) => path !== finding.path)) return undefined;
  return (await branches.isNew(own.project.folder, finding.path)) ? first : undefined;
}

/** What the branches of the projects' repositories hold, each asked once. */
class Branches {
  private readonly known = new Map<string, ReadonlySet<string> | undefined>();

  constructor(private readonly reference: string | undefined) {}

  /** Whether a script cannot have been applied, as far as git tells. */
  async isNew(folder: string, path: string): Promise<boolean> {
    if (!this.known.has(folder)) this.known.set(folder, await this.read(folder));
    const present = this.known.get(folder);
    return present === undefined || (isBelow(path, folder) && !present.has(path));
  }

  private async read(folder: string): Promise<ReadonlySet<string> | undefined> {
    try {
      return (await readBranch(folder, this.reference))?.present;
    } catch (error) {
      // Without git nothing is known to have been applied, as for lint itself.
      if (error instanceof BranchError && error.isMissing) return undefined;
      throw error;
    }
  }
}
