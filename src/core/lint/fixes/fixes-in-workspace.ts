import type { FileSystem } from '../../ports/file-system';
import type { Grammar } from '../../sql/grammar';
import type { Finding } from '../finding';
import { defaultPartition, isPartitioned } from '../impact/impact';
import type { WorkspaceLint, WorkspaceLinter } from '../lint-workspace';
import type { StatementContext } from '../statement-context';
import { fixesOf } from './fixes-of';
import type { FixPlace, ProjectFix } from './project-fix';

/** The fixes of a finding of the last run. A file that a fix would make and that is there already takes the fix away. */
export async function fixesInWorkspace(
  linter: WorkspaceLinter,
  { linted }: WorkspaceLint,
  finding: Finding,
  files: FileSystem,
  grammar: Grammar,
): Promise<ProjectFix[]> {
  const own = linted.find(({ scripts }) => scripts.some(({ path }) => path === finding.path));
  const script = own?.scripts.find(({ path }) => path === finding.path);
  if (!own || !script) return [];
  const seen = finding.wholeFile
    ? undefined
    : linter.look(finding.path, finding.start, (context) => ({
        statement: context.statement,
        transaction: context.transaction,
        partitioned: isOnPartitioned(context),
        detachable: isDetachable(context),
      }));
  const place: FixPlace = {
    finding,
    script,
    scripts: own.scripts,
    codeMigrations: own.codeMigrations,
    config: own.project.config,
    grammar,
    statement: seen?.statement,
    transaction: seen?.transaction,
    partitioned: seen?.partitioned ?? false,
    detachable: seen?.detachable ?? false,
  };
  const fixes: ProjectFix[] = [];
  for (const fix of await fixesOf(place, files)) if (!(await overwrites(files, fix))) fixes.push(fix);
  return fixes;
}

/** Of an index, its table counts. */
function isOnPartitioned(context: StatementContext): boolean {
  const { schema, relation } = context;
  if (isPartitioned(relation)) return true;
  return context.impacts.some(({ locks }) =>
    locks.some(({ relation: key }) => isPartitioned(schema.relation(schema.index(key)?.table ?? key))),
  );
}

/** From 14 on, and not beside a default partition. */
function isDetachable(context: StatementContext): boolean {
  const parent = context.keyIn();
  if (parent === undefined || defaultPartition(context.schema, parent) !== undefined) return false;
  return (context.script.major ?? 14) >= 14;
}

async function overwrites(files: FileSystem, fix: ProjectFix): Promise<boolean> {
  for (const path of [...fix.files.map((file) => file.path), ...fix.renames.map(({ to }) => to)])
    if ((await files.read(path)) !== undefined) return true;
  return false;
}
