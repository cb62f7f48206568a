import { phrase } from '../../format/phrase';
import { isTransactionalStatement } from '../../flyway/transactions';
import type { ParsedStatement } from '../../sql/parsed-statement';
import { nextName, removal, type TextEdit } from '../fix-edits';
import type { LintScript } from '../lint-script';
import { matchingUndo, removalFromUndo } from './matching-undo';
import { folderOf, scopeOf, type FileEdit, type FixPlace, type ProjectFix } from './project-fix';

/** A statement as it stands in a script of its own. */
export interface OwnStatement {
  /** Without its semicolon. */
  readonly text: string;
  /** For the new file's name. */
  readonly what: string;
  /** What is said of it in the menu. */
  readonly how: 'concurrently' | 'outside';
  /** How U takes it back; undefined where there is nothing to take back, or what stands in U is right. */
  readonly undo: string | undefined;
  /** How the statement of U begins that takes it back, where its text is not known. */
  readonly undoBegins?: RegExp;
}

/**
 * Gives a statement a script of its own, in which it runs outside of a transaction: the present one where nothing else stands
 * there, else a new version. Where Flyway does not know that it has to, a `.conf` says so. Its undo goes along.
 */
export function ownScript(place: FixPlace, statement: ParsedStatement, own: OwnStatement): ProjectFix | undefined {
  const { script } = place;
  if (script.meaning.kind !== 'versioned') return undefined;
  const undo = matchingUndo(place, statement, own.undoBegins);
  const needsConf = !isTransactionalBySplit(own.text);
  const settings = onlySettingsBeside(script, statement);
  if (settings) {
    const conf = needsConf && !script.config.transactionIsChosen ? [confOf(script.path)] : [];
    if (needsConf && script.config.transactionIsForced) return undefined;
    if (undo.kind === 'unclear' && own.undo !== undefined) return undefined;
    const edits: FileEdit[] = [
      ...settings.map((edit) => ({ ...edit, path: script.path })),
      { ...rangeOf(script, statement), text: own.text, path: script.path },
    ];
    if (undo.kind === 'found' && own.undo !== undefined)
      edits.push({ ...rangeOf(undo.undo, undo.statement), text: own.undo, path: undo.undo.path });
    const title =
      own.how === 'concurrently' ? phrase('Run it CONCURRENTLY') : phrase('Run it outside of a transaction');
    return { title, edits, files: conf, renames: [] };
  }
  if (undo.kind === 'unclear') return undefined;
  const folder = folderOf(script.path);
  const name = nextName(scopeOf(place), own.what);
  const files = [{ path: `${folder}/${name}`, text: `${own.text};\n` }];
  if (needsConf) files.push(confOf(`${folder}/${name}`));
  if (undo.kind === 'found') {
    const { versionedPrefix, undoPrefix } = place.config.naming;
    const undoName = `${undoPrefix}${name.slice(versionedPrefix.length)}`;
    files.push({ path: `${folderOf(undo.undo.path)}/${undoName}`, text: `${own.undo ?? undo.text};\n` });
  }
  return {
    title:
      own.how === 'concurrently'
        ? phrase('Move to {0}, CONCURRENTLY', name)
        : phrase('Move to {0}, outside of a transaction', name),
    edits: [{ ...removal(script, statement), path: script.path }, ...removalFromUndo(undo)],
    files,
    renames: [],
  };
}

export function confOf(path: string): { path: string; text: string } {
  return { path: `${path}.conf`, text: 'executeInTransaction=false\n' };
}

/** Flyway knows by heart that some statements run outside of a transaction; of the others a `.conf` has to tell. */
function isTransactionalBySplit(text: string): boolean {
  const words = [...text.matchAll(/[\w$]+|"[^"]*"|\S/g)].slice(0, 12);
  const tokens = words.map((match) => ({
    kind: 'word' as const,
    start: match.index,
    end: match.index + match[0].length,
  }));
  const split = { start: 0, end: text.length, leadingComments: [], innerComments: [], tokens };
  return !isTransactionalStatement(text, split);
}

/** Takes away the settings that stand beside a statement; undefined where anything else does. */
function onlySettingsBeside(script: LintScript, statement: ParsedStatement): TextEdit[] | undefined {
  const others = script.statements.statements.filter(({ start }) => start !== statement.start);
  if (script.statements.foreign.length > 0) return undefined;
  const sets = others.every(({ start, end }) => /^set\s/i.test(script.sql.slice(start, end)));
  return sets ? others.map((one) => removal(script, one)) : undefined;
}

export function rangeOf(
  script: LintScript,
  { start, end }: { readonly start: number; readonly end: number },
): { readonly start: number; readonly end: number } {
  return { start: script.toText(start), end: script.toText(end, true) };
}
