import { phrase } from '../../format/phrase';
import { calledSetting } from '../../sql/session-settings';
import { milliseconds } from '../duration';
import { lineEndOf, removal, setLockTimeout } from '../fix-edits';
import { rangeOf } from './own-script';
import { editOnly, inProject, scopeOf, type FixPlace, type ProjectFix } from './project-fix';

/** A lock_timeout of two seconds at the top of the script, in place of one that comes too late or is no limit. */
export function lockTimeout(place: FixPlace): ProjectFix | undefined {
  const { statement, script, transaction } = place;
  if (!statement) return undefined;
  const set = calledSetting(statement, 'lock_timeout');
  if (!set) {
    if (transaction !== undefined) return inProject(place, setLockTimeout(scopeOf(place)));
    // Outside of a transaction LOCAL does nothing; and beside what Flyway runs outside by itself no SET may stand.
    if (script.config.executeInTransaction) return undefined;
    const at = script.text.startsWith('\ufeff') ? 1 : 0;
    const newline = lineEndOf(script.text);
    return editOnly(place, phrase("Insert SET lock_timeout = '2s'"), {
      start: at,
      end: at,
      text: `SET lock_timeout = '2s';${newline}`,
    });
  }
  if (statement.type !== 'VariableSetStmt' || transaction === undefined) return undefined;
  const ms = set.value === undefined ? undefined : milliseconds(set.value);
  if (ms === 0 || (ms ?? 0) > 30_000)
    return editOnly(place, phrase("Set lock_timeout to '2s'"), {
      ...rangeOf(script, statement),
      text: "SET LOCAL lock_timeout = '2s'",
    });
  const top = setLockTimeout(scopeOf(place));
  const fix = inProject(place, top);
  return {
    ...fix,
    title: phrase('Move lock_timeout to the top'),
    edits: [...fix.edits, { ...removal(script, statement), path: script.path }],
  };
}

/** `SET` and `SET SESSION` become `SET LOCAL`. */
export function setLocal(place: FixPlace): ProjectFix | undefined {
  const { statement, script, transaction } = place;
  if (statement?.type !== 'VariableSetStmt' || transaction === undefined) return undefined;
  const [set, next] = statement.split.tokens;
  if (!set || !next) return undefined;
  const session = /^session$/i.test(script.sql.slice(next.start, next.end));
  const end = session ? next.end : set.end;
  return editOnly(place, phrase('Write SET LOCAL'), {
    start: script.toText(set.start),
    end: script.toText(end, true),
    text: 'SET LOCAL',
  });
}

/** Flyway opens and ends the transaction itself. */
export function withoutTransactionControl(place: FixPlace): ProjectFix | undefined {
  const { script, transaction } = place;
  if (transaction === undefined) return undefined;
  const found = [...script.parts()].flatMap((part) =>
    'statement' in part && part.statement.type === 'TransactionStmt' ? [part.statement] : [],
  );
  const kinds = found.map(({ node }) => String(node['kind']));
  if (!kinds.every((kind) => /^TRANS_STMT_(BEGIN|START|COMMIT)$/.test(kind))) return undefined;
  return editOnly(
    place,
    phrase('Leave the transaction to Flyway: take BEGIN and COMMIT out'),
    ...found.map((statement) => removal(script, statement)),
  );
}
