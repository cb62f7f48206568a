import { phrase } from '../../format/phrase';
import { versionKey } from '../../flyway/version';
import type { Effect } from '../../rollback/effect';
import { lineEndOf } from '../fix-edits';
import { plainWords } from './matching-undo';
import type { FixPlace, ProjectFix } from './project-fix';

/**
 * Writes the inverse of an effect into the U script that lacks it: before the inverse of what V did earlier, since an undo
 * goes backwards, else at the end. Only where the inverse is certain from the statement alone.
 */
export function missingInverse({ finding, script, scripts }: FixPlace): ProjectFix | undefined {
  const { meaning } = script;
  if (meaning.kind !== 'versioned') return undefined;
  const key = versionKey(meaning.version);
  const undo = scripts.find((one) => one.meaning.kind === 'undo' && versionKey(one.meaning.version) === key);
  const { effects } = script;
  const at = effects.findIndex(({ start }) => script.toText(start) === finding.start);
  const inverse = effects[at]?.undo;
  if (!undo || inverse === undefined) return undefined;
  const { statements } = undo.statements;
  const words = statements.map(({ start, end }) => plainWords(undo.sql.slice(start, end)));
  // It is there, and does not do what it should: another one beside it would fail.
  if (words.includes(plainWords(inverse))) return undefined;
  const earlier = new Set(
    effects.slice(0, at).flatMap((effect: Effect) => (effect.undo === undefined ? [] : plainWords(effect.undo))),
  );
  const before = statements[words.findIndex((one) => earlier.has(one))];
  const newline = lineEndOf(undo.text);
  const place = before ? undo.toText(before.start) : undo.text.trimEnd().length;
  const ends = before !== undefined || undo.text.trim() === '' || undo.text.trimEnd().endsWith(';');
  const text = before
    ? `${inverse};${newline}`
    : `${ends ? '' : ';'}${place === 0 ? '' : newline}${inverse};${newline}`;
  const [end, short] = [before ? place : undo.text.length, inverse.length > 60 ? `${inverse.slice(0, 57)}…` : inverse];
  return {
    title: phrase('Add {0} to {1}', short, undo.name),
    edits: [{ start: place, end, text, path: undo.path }],
    files: [],
    renames: [],
  };
}
