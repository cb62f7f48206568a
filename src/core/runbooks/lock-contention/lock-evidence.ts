import { formatDuration } from '../../format/quantities';
import type { LockSession, LockState } from '../../health/blocking';
import { escapeMarkdown, inlineCode, markdownTable, shorten } from '../markdown';
import type { LockVerdict } from './lock-verdict';
import type { HeldLock } from './held-locks';

const longestTable = 100;

/** The graph as a table, its roots first and those who wait indented below; each session once, with all it waits for. */
export function graphMarkdown(state: LockState): string {
  if (state.waiting === 0) return 'No session waits for a lock.';
  const rows: string[][] = [];
  const done = new Set<number>();
  const add = (pid: number, depth: number): void => {
    const session = state.sessions.get(pid);
    if (!session || done.has(pid) || rows.length >= longestTable) return;
    done.add(pid);
    rows.push(row(session, depth));
    for (const waiter of session.blocks) add(waiter, depth + 1);
  };
  for (const root of state.roots) add(root, 0);
  const left = state.sessions.size - done.size;
  const table = markdownTable(
    ['Session', 'Role', 'Application', 'State', 'Waits', 'Waits for', 'Holds up', 'Statement'],
    rows,
  );
  return left > 0 ? `${table}\n\n${left} more sessions are not shown.` : table;
}

function row(session: LockSession, depth: number): string[] {
  const indent = depth === 0 ? '' : `${'&emsp;'.repeat(Math.min(depth, 8))}↳ `;
  const state = session.state === null ? (session.pid === 0 ? 'prepared' : 'hidden') : session.state;
  const since = session.stateAgeS === null ? '' : ` ${formatDuration(session.stateAgeS)}`;
  return [
    `${indent}${session.pid === 0 ? 'prepared transaction' : session.pid}`,
    escapeMarkdown(session.user ?? ''),
    escapeMarkdown(session.application ?? ''),
    escapeMarkdown(state) + since,
    session.waits ? (session.waitingS === null ? 'yes' : formatDuration(session.waitingS)) : '',
    session.blockedBy.join(', '),
    String(session.holdsUp),
    inlineCode(shorten((session.pid === 0 ? session.preparedTransactions?.join(', ') : session.query) ?? '', 120)),
  ];
}

/** What the sessions of the graph hold and wait for. */
export function heldLocksMarkdown(locks: readonly HeldLock[]): string {
  if (locks.length === 0) return 'No lock on a table of this database is involved, or it has been released.';
  const rows = locks.map((lock) => [
    String(lock.pid),
    lock.granted ? 'holds' : '**waits for**',
    escapeMarkdown(lock.mode),
    inlineCode(lock.target),
  ]);
  return markdownTable(['Session', 'State', 'Mode', 'On'], rows);
}

export function verdictMarkdown(verdict: LockVerdict): string {
  const { recommended } = verdict;
  const next =
    recommended === undefined
      ? verdict.prepared === true
        ? [
            '**Next step:** when its transaction manager has given it up, roll it back in the cell *Act on a prepared transaction* below.',
          ]
        : []
      : [
          `**Next step:** ${recommended.action} session ${recommended.pid} (${escapeMarkdown(recommended.why)}). Run the cell *Act* below: it asks before anything happens.`,
        ];
  return [`**${escapeMarkdown(verdict.headline)}**`, ...verdict.lines.map(escapeMarkdown), ...next].join('\n\n');
}
