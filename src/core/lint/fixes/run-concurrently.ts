import { phrase } from '../../format/phrase';
import { flagOf, listOf, namesOf, nodeOf, nodesOf, textOf } from '../../rollback/tree';
import { quoteIdentifier } from '../../sql/identifier';
import type { ParsedStatement } from '../../sql/parsed-statement';
import { ownScript, rangeOf } from './own-script';
import { editOnly, type FixPlace, type ProjectFix } from './project-fix';

/** CREATE INDEX, DROP INDEX and REINDEX with CONCURRENTLY, DETACH too, in a script in which Flyway lets them run. */
export function runConcurrently(place: FixPlace): ProjectFix | undefined {
  const { statement, script, partitioned } = place;
  if (!statement || partitioned) return undefined;
  const written = script.text.slice(script.toText(statement.start), script.toText(statement.end, true));
  const already = /\bconcurrently\b/i.test(written);
  const what = subjectOf(statement);
  if (!what) return undefined;
  const text = already ? written : written.replace(what.behind, (words) => `${words} CONCURRENTLY`);
  if (!/\bconcurrently\b/i.test(text)) return undefined;
  const { undo, undoBegins } = what;
  return ownScript(place, statement, {
    text,
    what: script.restore(what.name),
    how: 'concurrently',
    undo,
    ...(undoBegins && { undoBegins }),
  });
}

/** DETACH PARTITION with CONCURRENTLY: PostgreSQL takes it alone and outside of a transaction only, which a `.conf` tells Flyway. */
export function detachConcurrently(place: FixPlace): ProjectFix | undefined {
  const { statement, script, detachable } = place;
  const [only, ...more] = nodesOf(statement?.node, 'cmds', 'AlterTableCmd');
  if (!statement || !detachable || more.length > 0 || textOf(only, 'subtype') !== 'AT_DetachPartition')
    return undefined;
  const name = textOf(nodeOf(nodeOf(nodeOf(only, 'def'), 'PartitionCmd'), 'name'), 'relname') ?? 'partition';
  const { start, end } = rangeOf(script, statement);
  const quoted = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').toLowerCase();
  return ownScript(place, statement, {
    text: `${script.text.slice(start, end)} CONCURRENTLY`,
    what: `detach_${script.restore(name)}`,
    how: 'concurrently',
    undo: undefined,
    undoBegins: new RegExp(`^alter table \\S+ attach partition (\\S+\\.)?"?${quoted}"?(?=\\s)`),
  });
}

interface Subject {
  readonly name: string;
  /** CONCURRENTLY is written behind it. */
  readonly behind: RegExp;
  readonly undo: string | undefined;
  readonly undoBegins?: RegExp;
}

function subjectOf({ type, node }: ParsedStatement): Subject | undefined {
  if (type === 'IndexStmt') {
    const name = textOf(node, 'idxname');
    const schema = textOf(nodeOf(node, 'relation'), 'schemaname');
    // Without a name its undo cannot say which one it is.
    if (name === undefined) return undefined;
    const qualified = `${schema === undefined ? '' : `${quoteIdentifier(schema)}.`}${quoteIdentifier(name)}`;
    return { name, behind: /\bindex\b/i, undo: `DROP INDEX CONCURRENTLY IF EXISTS ${qualified}` };
  }
  if (type === 'DropStmt' && textOf(node, 'removeType') === 'OBJECT_INDEX') {
    const objects = listOf(node, 'objects');
    // PostgreSQL takes one index at a time, and no CASCADE.
    if (objects.length !== 1 || textOf(node, 'behavior') === 'DROP_CASCADE') return undefined;
    const name = namesOf(listOf(nodeOf(objects[0], 'List'), 'items')).at(-1) ?? 'index';
    const quoted = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').toLowerCase();
    const undoBegins = new RegExp(`^create (unique )?index "?${quoted}"?(?=\\s)`);
    return { name: `drop_${name}`, behind: /\bindex\b/i, undo: undefined, undoBegins };
  }
  if (type === 'ReindexStmt') {
    const name = textOf(nodeOf(node, 'relation'), 'relname') ?? textOf(node, 'name') ?? 'all';
    if (textOf(node, 'kind') === 'REINDEX_OBJECT_SYSTEM') return undefined;
    return { name: `reindex_${name}`, behind: /\b(index|table|schema|database)\b/i, undo: undefined };
  }
  return undefined;
}

/** An invalid index of a failed build goes before the new one, whose name is then free. */
export function dropInvalidFirst(place: FixPlace): ProjectFix | undefined {
  const { statement, script } = place;
  const name = statement?.type === 'IndexStmt' ? textOf(statement.node, 'idxname') : undefined;
  if (!statement || name === undefined || !flagOf(statement.node, 'if_not_exists')) return undefined;
  const { start, end } = rangeOf(script, statement);
  const written = script.text.slice(start, end);
  const schema = textOf(nodeOf(statement.node, 'relation'), 'schemaname');
  const qualified = `${schema === undefined ? '' : `${quoteIdentifier(schema)}.`}${quoteIdentifier(name)}`;
  const text = script.restore(`DROP INDEX CONCURRENTLY IF EXISTS ${qualified};\n`);
  return editOnly(place, phrase('Drop an invalid index of that name before it'), {
    start,
    end,
    text: `${text}${written.replace(/\bif\s+not\s+exists\s+/i, '')}`,
  });
}

/** Everything else that PostgreSQL refuses in a transaction, in a script of its own. */
export function runOutside(place: FixPlace): ProjectFix | undefined {
  const { statement, script, transaction } = place;
  // What a block runs cannot be moved without the rest of it.
  if (!statement || transaction !== 0 || statement.type === 'DoStmt') return undefined;
  const concurrent = runConcurrently(place);
  if (concurrent) return concurrent;
  const text = script.text.slice(script.toText(statement.start), script.toText(statement.end, true));
  const what = text.split(/\s+/, 2).join('_').toLowerCase();
  return ownScript(place, statement, { text, what, how: 'outside', undo: undefined });
}
