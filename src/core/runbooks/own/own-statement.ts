import { nextToken } from '../../sql/lexer';
import { splitScript } from '../../sql/splitter';

/** The statement of a cell of one's own, or why it is not run. */
export type OwnStatement =
  | { readonly ok: true; readonly sql: string; readonly alone: boolean }
  | { readonly ok: false; readonly problem: string };

/** What may stand first in a cell that only reads. The server runs it in a read-only transaction besides. */
const readingWords = new Set(['select', 'with', 'table', 'values', 'show', 'explain']);

/**
 * Functions that act although their transaction is read-only, and those that run a text as SQL, in which such a name could
 * hide. Sought in the whole text, strings and comments included: better one refusal too many.
 */
const acting = new RegExp(
  `\\b(${[
    'pg_(terminate|cancel)_backend',
    'pg_(reload_conf|rotate_logfile\\w*|promote|switch_wal|create_restore_point|wal_replay_(pause|resume))',
    'pg_(create|drop|copy)_\\w*replication_slot',
    'pg_(replication_slot_advance|sync_replication_slots|replication_origin_\\w+|logical_emit_message|logical_slot_get_\\w+)',
    'pg_(start|stop)_backup|pg_backup_(start|stop)|pg_wal_\\w*skip\\w*',
    'pg_stat_(reset\\w*|statements_reset|clear_snapshot|force_next_flush)',
    'pg_(try_)?advisory_\\w+',
    'pg_(notify|log_backend_memory_contexts|import_system_collations|file_\\w+|logdir_ls|prewarm|buffercache_evict\\w*)',
    'set_config|setval|nextval|lo_\\w+|dblink\\w*',
    '(query|table|cursor|schema|database)_to_xml\\w*|ts_stat|ts_rewrite|crosstab\\w*|connectby|plpgsql_\\w+',
  ].join('|')})\\b`,
  'i',
);

/** Words with which a statement begins that cannot run in a transaction block. */
const alone =
  /^(vacuum|cluster|alter\s+system|reindex|create\s+(unique\s+)?index\s+concurrently|drop\s+index\s+concurrently|(commit|rollback)\s+prepared|create\s+database|drop\s+database)\b/i;

/** A longer statement is no statement of a runbook, in characters. */
const longest = 100_000;

/** Looks at the text of a cell. `acts`: the cell is marked as an action, and asks before it runs. */
export function ownStatement(text: string, acts: boolean): OwnStatement {
  const no = (problem: string): OwnStatement => ({ ok: false, problem });
  if (text.length > longest) return no(`The cell is longer than ${longest} characters.`);
  if (text.includes('\0')) return no('A NUL character cannot stand in SQL.');
  const { statements, foreign } = splitScript(text);
  if (foreign.length > 0) return no('psql commands and data of COPY are no SQL that can be sent.');
  const [only] = statements;
  if (!only) return no('There is no statement in this cell.');
  if (statements.length > 1)
    return no(
      `There are ${statements.length} statements in this cell: one cell, one statement, so that each is shown before it runs.`,
    );
  const sql = text.slice(only.start, only.end).trim().replace(/;$/, '');
  const first = firstWord(sql);
  if (first === undefined) return no('There is no statement in this cell.');
  if (hasToken(sql, 'parameter')) return no('$1 and its like stand for nothing here: write the value.');
  if (acts) {
    if (
      /^(begin|start|commit|end|rollback|savepoint|release|abort|prepare|set|reset|discard)$/.test(first) &&
      !alone.test(sql)
    )
      return no(`${first.toUpperCase()} changes the session or its transaction, which ends with the cell.`);
    return { ok: true, sql, alone: alone.test(sql) };
  }
  if (!readingWords.has(first))
    return no(
      `A cell that only reads begins with SELECT, WITH, TABLE, VALUES, SHOW or EXPLAIN, not with ${first.toUpperCase()}. Mark it as an action ("kind":"act") if it is to change something.`,
    );
  if (/\bu&"/i.test(sql)) return no('Names written as U&"…" could hide another name.');
  const found = acting.exec(text)?.[0];
  if (found !== undefined)
    return no(
      `${found} acts although the transaction is read-only. Mark the cell as an action ("kind":"act") if that is meant.`,
    );
  return { ok: true, sql, alone: false };
}

function firstWord(sql: string): string | undefined {
  for (let token = nextToken(sql, 0); token; token = nextToken(sql, token.end)) {
    const text = sql.slice(token.start, token.end);
    if (token.kind === 'comment' || text === '(') continue;
    return token.kind === 'word' ? text.toLowerCase() : text;
  }
  return undefined;
}

function hasToken(sql: string, kind: 'parameter'): boolean {
  for (let token = nextToken(sql, 0); token; token = nextToken(sql, token.end)) if (token.kind === kind) return true;
  return false;
}
