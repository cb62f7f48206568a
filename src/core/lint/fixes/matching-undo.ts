import { versionKey } from '../../flyway/version';
import type { ParsedStatement } from '../../sql/parsed-statement';
import type { SplitStatement } from '../../sql/splitter';
import type { LintScript } from '../lint-script';
import { removal } from '../fix-edits';
import type { FileEdit, FixPlace } from './project-fix';

/** What a project's undo of a script has to do with one statement of it. */
export type MatchingUndo =
  /** There is no U script: a fix need not mind it. */
  | { readonly kind: 'none' }
  /** `statement` of it takes the statement back, and `text` is how it does. */
  | { readonly kind: 'found'; readonly undo: LintScript; readonly statement: SplitStatement; readonly text: string }
  /** It speaks of the same thing in another way: a fix that moves the statement away would leave it wrong. */
  | { readonly kind: 'unclear' };

/** Finds the statement of the U script that takes back a statement of V: by its text, or by how it begins. */
export function matchingUndo({ script, scripts }: FixPlace, statement: ParsedStatement, begins?: RegExp): MatchingUndo {
  const { meaning } = script;
  if (meaning.kind !== 'versioned') return { kind: 'none' };
  const key = versionKey(meaning.version);
  const undo = scripts.find((one) => one.meaning.kind === 'undo' && versionKey(one.meaning.version) === key);
  if (!undo) return { kind: 'none' };
  const effects = script.effects.filter(({ start, end }) => statement.start <= start && end <= statement.end);
  if (effects.every(({ reversibility }) => reversibility === 'none')) return { kind: 'none' };
  const [effect, ...more] = effects;
  const wanted = effect?.undo === undefined ? undefined : plainWords(effect.undo);
  if ((wanted === undefined && !begins) || more.length > 0) return { kind: 'unclear' };
  const found = undo.statements.statements.filter(({ start, end }) => {
    const words = plainWords(undo.sql.slice(start, end));
    return begins ? begins.test(words) : words === wanted;
  });
  const [one, ...others] = found;
  if (!one || others.length > 0) return { kind: 'unclear' };
  return { kind: 'found', undo, statement: one, text: undo.text.slice(undo.toText(one.start), undo.toText(one.end)) };
}

/** Takes the matching statement out of the U script. */
export function removalFromUndo(found: MatchingUndo): FileEdit[] {
  return found.kind === 'found' ? [{ ...removal(found.undo, found.statement), path: found.undo.path }] : [];
}

/** Spelling that makes no difference between two statements is taken away. */
export function plainWords(sql: string): string {
  return sql
    .toLowerCase()
    .replace(/"([a-z_][a-z0-9_]*)"/g, '$1')
    .replace(/\b(if exists|if not exists|concurrently|restrict|public\s*\.|only)(?=\s|\b)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
