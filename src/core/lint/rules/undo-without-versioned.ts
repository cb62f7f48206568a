import type { CodeMigration } from '../../flyway/code-migrations';
import { versionKey } from '../../flyway/version';
import type { Finding } from '../finding';
import type { LintScript } from '../lint-script';

/** `rollback/undo-without-versioned`: an undo script of a version that neither a V script nor a class has. */
export function undoWithoutVersioned(scripts: readonly LintScript[], classes: readonly CodeMigration[]): Finding[] {
  const versions = new Set(
    [...scripts, ...classes].flatMap(({ meaning }) =>
      meaning.kind === 'versioned' ? [versionKey(meaning.version)] : [],
    ),
  );
  return scripts.flatMap((script): Finding[] => {
    const { meaning } = script;
    if (meaning.kind !== 'undo' || versions.has(versionKey(meaning.version))) return [];
    const message = `No V script has the version ${meaning.version.text}, so this undo never runs.`;
    return [
      {
        path: script.path,
        rule: 'rollback/undo-without-versioned',
        severity: 'warning',
        message,
        ...script.head,
        wholeFile: true,
      },
    ];
  });
}
