import { phrase } from '../../format/phrase';
import { textOf } from '../../rollback/tree';
import { quoteIdentifier } from '../../sql/identifier';
import { nextName, tableOf } from '../fix-edits';
import { matchingUndo } from './matching-undo';
import { rangeOf } from './own-script';
import { folderOf, scopeOf, type FileEdit, type FixPlace, type ProjectFix } from './project-fix';
import { subcommandAt } from './subcommand-at';

/**
 * SET NOT NULL by way of a check: NOT VALID here, and in a new version VALIDATE, which lets reads and writes go on, then SET
 * NOT NULL, which trusts the check and reads nothing, then the check goes. Every version from 12 on takes it.
 */
export function notNullLater(place: FixPlace): ProjectFix | undefined {
  const { script, statement, partitioned, config } = place;
  const found = subcommandAt(place);
  const table = statement && tableOf(script, statement);
  if (!statement || !found || table === undefined || partitioned || script.meaning.kind !== 'versioned')
    return undefined;
  const name = textOf(found.command, 'name');
  if (textOf(found.command, 'subtype') !== 'AT_SetNotNull' || name === undefined) return undefined;
  const undo = matchingUndo(place, statement);
  if (undo.kind === 'unclear') return undefined;
  const bare = table.replace(/^.*\./, '').replaceAll('"', '');
  const constraint = quoteIdentifier(`${bare}_${script.restore(name)}_not_null`);
  const column = quoteIdentifier(script.restore(name));
  const check = `ADD CONSTRAINT ${constraint} CHECK (${column} IS NOT NULL) NOT VALID`;
  const later = nextName(scopeOf(place), `${bare}_${script.restore(name)}_not_null`);
  const alter = `ALTER TABLE ${table}`;
  const files = [
    {
      path: `${folderOf(script.path)}/${later}`,
      text: `${alter} VALIDATE CONSTRAINT ${constraint};\n${alter} ALTER COLUMN ${column} SET NOT NULL, DROP CONSTRAINT ${constraint};\n`,
    },
  ];
  const edits: FileEdit[] = [{ ...rangeOf(script, found), text: check, path: script.path }];
  if (undo.kind === 'found') {
    const { versionedPrefix, undoPrefix } = config.naming;
    edits.push({
      ...rangeOf(undo.undo, undo.statement),
      text: `${alter} DROP CONSTRAINT ${constraint}`,
      path: undo.undo.path,
    });
    files.push({
      path: `${folderOf(undo.undo.path)}/${undoPrefix}${later.slice(versionedPrefix.length)}`,
      text: `${alter} ALTER COLUMN ${column} DROP NOT NULL, ${check};\n`,
    });
  }
  return {
    title: phrase('Check NOT VALID here, validate it and SET NOT NULL in {0}', later),
    edits,
    files,
    renames: [],
  };
}
