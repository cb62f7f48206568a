import { phrase } from '../../format/phrase';
import type { FileSystem } from '../../ports/file-system';
import type { RuleId } from '../finding';
import { moveValidate, runWithoutTransaction, usingIndex, validatedLater } from './constraint-later';
import { lockTimeout, setLocal, withoutTransactionControl } from './lock-timeout';
import { nextVersion } from './next-version';
import type { FixPlace, ProjectFix } from './project-fix';
import { referencesLater, uniqueLater } from './inline-constraint-later';
import { missingInverse } from './missing-inverse';
import { notNullLater } from './not-null-later';
import { detachConcurrently, dropInvalidFirst, runConcurrently, runOutside } from './run-concurrently';
import { lockSetting } from './transactional-lock';
import { acknowledged, givenReason, meantRule, withoutSuppression } from './suppression-comments';
import { withUndoChain } from './undo-chain';

type Maker = (place: FixPlace) => ProjectFix | undefined;

/** The fixes of each rule, the best one first. */
const makers: Partial<Record<RuleId, readonly Maker[]>> = {
  'safety/create-index': [runConcurrently],
  'safety/drop-index': [runConcurrently],
  'safety/reindex': [runConcurrently],
  'safety/concurrently-if-not-exists': [dropInvalidFirst],
  'safety/lock-timeout': [lockTimeout],
  'safety/set-outlives-transaction': [setLocal],
  'safety/transaction-control': [withoutTransactionControl],
  'safety/foreign-key-not-valid': [validatedLater],
  'safety/check-not-valid': [validatedLater],
  'safety/validate-in-same-transaction': [moveValidate],
  'safety/unique-using-index': [usingIndex],
  'safety/set-not-null': [notNullLater],
  'safety/add-column-references': [referencesLater],
  'safety/add-column-unique': [uniqueLater],
  'safety/detach-partition': [detachConcurrently],
  'flyway/mixed-transaction': [runOutside, runWithoutTransaction],
  'flyway/refused-in-transaction': [runOutside],
  'flyway/out-of-order': [nextVersion],
  'flyway/duplicate-version': [nextVersion],
  'rollback/incomplete': [missingInverse],
  'rollback/irreversible': [acknowledged],
  'rollback/no-backup': [acknowledged],
  'lint/unused-suppression': [withoutSuppression],
  'lint/unknown-rule': [meantRule],
  'lint/suppression-without-reason': [givenReason],
};

/** The fixes of a finding; Flyway accepts the scripts as they are then. Empty where none is certain. */
export async function fixesOf(place: FixPlace, files: FileSystem): Promise<ProjectFix[]> {
  const { rule, severity } = place.finding;
  if (rule === 'flyway/concurrently-hangs') {
    const edit = await lockSetting(place.config, files);
    return edit
      ? [
          {
            title: phrase("Turn off Flyway's transactional lock in {0}", nameOf(edit.path)),
            edits: [edit],
            files: [],
            renames: [],
          },
        ]
      : [];
  }
  // Only what loses data can be acknowledged.
  const own = rule === 'rollback/undo-missing' ? (severity === 'warning' ? [acknowledged] : []) : (makers[rule] ?? []);
  const fixes: ProjectFix[] = [];
  for (const make of own) {
    const fix = make(place);
    if (fix) fixes.push(await withoutHang(place, withUndoChain(place, fix), files));
  }
  return fixes;
}

/** A fix after which an index is built CONCURRENTLY turns off the lock for which that would wait. */
async function withoutHang({ config }: FixPlace, fix: ProjectFix, files: FileSystem): Promise<ProjectFix> {
  const builds = [...fix.edits, ...fix.files].some(({ text }) =>
    /\b(create|reindex)\b[^;]*\bconcurrently\b/i.test(text),
  );
  const edit = builds ? await lockSetting(config, files) : undefined;
  return edit
    ? { ...fix, title: phrase("{0}, and turn off Flyway's transactional lock", fix.title), edits: [...fix.edits, edit] }
    : fix;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
