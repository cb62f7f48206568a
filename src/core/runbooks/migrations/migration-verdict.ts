import { formatCount, formatDuration } from '../../format/quantities';
import type { MigrationInfo } from '../../flyway/history-states';
import type { ProjectScripts } from '../../flyway/resolve-scripts';
import type { Verdict } from '../verdict';
import type { FoundHistory } from '../../flyway/read-history';
import type { Leftovers, MigratingSession } from './leftovers';

export interface MigrationEvidence {
  readonly histories: readonly FoundHistory[];
  readonly leftovers: Leftovers;
  readonly migrating: readonly MigratingSession[];
  /** The role is told what other sessions do. */
  readonly seesSessions: boolean;
  /** Of the project whose history this is; undefined without scripts in the workspace. */
  readonly states: readonly MigrationInfo[] | undefined;
  /** The project itself. */
  readonly project: ProjectScripts | undefined;
}

export type MigrationCause =
  | 'blocked'
  | 'running'
  | 'left-open'
  | 'half-applied'
  | 'failed'
  | 'invalid-index'
  | 'edited'
  | 'missing'
  | 'not-valid'
  | 'clean'
  | 'no-history'
  | 'hidden';

export interface MigrationVerdict {
  readonly main: Verdict<MigrationCause>;
  readonly others: readonly Verdict<MigrationCause>[];
}

const never =
  'Never write the history table by hand: with success = false Flyway refuses to run, and repair then lets the migration run AGAIN.';

/** What state a migration has left the database in; what goes on now comes first. */
export function migrationVerdict(evidence: MigrationEvidence): MigrationVerdict {
  const failures = failedRows(evidence);
  const found = [
    ...running(evidence),
    ...failures,
    // The invalid indexes are what makes a failure half-applied: they are told with it.
    ...(failures.length > 0 ? [] : invalid(evidence.leftovers)),
    ...drift(evidence.states),
    ...notValid(evidence.leftovers),
  ];
  const [main, ...others] = [...found, ...hidden(evidence)];
  return main ? { main, others } : { main: nothing(evidence), others: [] };
}

/** What was found is not all where a part cannot be seen. */
function hidden({ histories }: MigrationEvidence): readonly Verdict<MigrationCause>[] {
  if (histories.every(({ rows }) => rows !== undefined)) return [];
  return [
    {
      cause: 'hidden',
      headline: 'The Flyway history is hidden from this role.',
      lines: ['Reading it takes USAGE on its schema and SELECT on it: the role of pg_monitor has neither.'],
    },
  ];
}

function running({ migrating }: MigrationEvidence): readonly Verdict<MigrationCause>[] {
  const blocked = migrating.find(({ blockedBy }) => blockedBy.length > 0);
  if (blocked) {
    const own = migrating.filter(({ pid }) => blocked.blockedBy.includes(pid));
    const hangs = /concurrently/i.test(blocked.query) && own.length > 0;
    return [
      {
        cause: 'blocked',
        headline: `The migration waits: session ${blocked.pid} (${firstWords(blocked.query)}) for ${blocked.blockedBy.map(blocker).join(', ')}, since ${formatDuration(blocked.ageS ?? 0)}.`,
        lines: hangs
          ? [
              `It waits for another session of the migration (${own.map(({ pid }) => pid).join(', ')}), which holds Flyway's transactional lock and waits for it in turn: that never ends. Set flyway.postgresql.transactional.lock=false and run it again.`,
            ]
          : [
              'Cancel it, and what it has begun in its transaction is undone; or end what it waits for. Everybody behind it waits too.',
            ],
        next: { step: 'end', words: `cancel session ${blocked.pid}, or the one in its way: cell Act, end a session.` },
      },
    ];
  }
  return migrating
    .slice(0, 1)
    .map((session): Verdict<MigrationCause> =>
      session.state === 'active'
        ? {
            cause: 'running',
            headline: `A migration runs now: session ${session.pid} (${firstWords(session.query)}), its transaction is open for ${formatDuration(session.ageS ?? 0)}.`,
            lines: [
              'Nothing is to be judged before it has ended. Cancelled, its transaction is undone; a CONCURRENTLY statement leaves an invalid index behind.',
            ],
          }
        : {
            cause: 'left-open',
            headline: `A migration's session ${session.pid} is ${session.state ?? 'there'}${session.ageS === null ? '' : ` with a transaction open for ${formatDuration(session.ageS)}`}.`,
            lines: [
              'Its tool may have died: look whether it still lives before you end the session. What it has not committed is undone then.',
            ],
            ...(session.ageS === null
              ? {}
              : {
                  next: {
                    step: 'end',
                    words: `terminate session ${session.pid} if its tool is gone: cell Act, end a session.`,
                  },
                }),
          },
    )
    .filter(({ cause }) => cause === 'running' || migrating[0]?.ageS !== null);
}

function failedRows({ histories, leftovers }: MigrationEvidence): readonly Verdict<MigrationCause>[] {
  return histories.flatMap(({ schema, table, rows = [] }) =>
    rows
      .filter(({ success }) => !success)
      .map((row): Verdict<MigrationCause> => {
        const half = leftovers.indexes.length > 0;
        return {
          cause: half ? 'half-applied' : 'failed',
          headline: `Migration ${row.script} FAILED${half ? ' and is half-applied' : ''} (rank ${row.installedRank} of ${schema}.${table}, ${row.installedOn}).`,
          lines: [
            half
              ? `A failed row means that it did not run in one transaction. ${invalidNames(leftovers)}, and statements before the failing one stay applied.`
              : 'A failed row means that it did not run in one transaction, or its database cannot undo DDL: statements before the failing one stay applied. Compare the script with the schema, statement by statement.',
            never,
          ],
          next: half
            ? {
                step: 'drop-index',
                words:
                  'drop the invalid index: cell Act, drop an invalid index. Then fix the script and see what repair would do.',
              }
            : { step: 'repair', words: 'take the options in their order, and read what repair would do.' },
        };
      }),
  );
}

function invalidNames({ indexes }: Leftovers): string {
  const names = indexes.slice(0, 3).map(({ schema, index, table }) => `${schema}.${index} on ${table}`);
  const more = indexes.length > 3 ? ` and ${indexes.length - 3} more` : '';
  return indexes.length === 1
    ? `The index ${names.join('')} is invalid`
    : `The indexes ${names.join(', ')}${more} are invalid`;
}

function invalid({ indexes }: Leftovers): readonly Verdict<MigrationCause>[] {
  const [first] = indexes;
  if (!first) return [];
  return [
    {
      cause: 'invalid-index',
      headline: `${formatCount(indexes.length, 'index is', 'indexes are')} invalid: ${first.schema}.${first.index} on ${first.table}${indexes.length > 1 ? ' and others' : ''}.`,
      lines: [
        'A CREATE INDEX CONCURRENTLY was cancelled or met a duplicate. Every write maintains it, no query uses it, and a second attempt with IF NOT EXISTS takes it for done.',
      ],
      next: { step: 'drop-index', words: 'drop it, then build it again: cell Act, drop an invalid index.' },
    },
  ];
}

function drift(states: readonly MigrationInfo[] | undefined): readonly Verdict<MigrationCause>[] {
  if (!states) return [];
  const edited = states.filter((info) => info.edited && info.row?.success === true);
  const missing = states.filter(({ state }) => state === 'Missing');
  const names = (infos: readonly MigrationInfo[]): string =>
    infos
      .slice(0, 5)
      .map(({ row }) => row?.script ?? '')
      .join(', ');
  const result: Verdict<MigrationCause>[] = [];
  if (edited.length > 0)
    result.push({
      cause: 'edited',
      headline: `${formatCount(edited.length, 'script was', 'scripts were')} edited after running: ${names(edited)}.`,
      lines: [
        'What ran is not what the workspace says: validate stops. Bring the old text back and put the change into a new version; repair would only hide the difference.',
      ],
      next: { step: 'repair', words: 'read what repair would do before anybody runs it.' },
    });
  if (missing.length > 0)
    result.push({
      cause: 'missing',
      headline: `${formatCount(missing.length, 'applied migration has', 'applied migrations have')} no script in this workspace: ${names(missing)}.`,
      lines: [
        'Is this the branch that was deployed? Look before you judge: on another branch all of them are "missing".',
      ],
    });
  return result;
}

function notValid({ constraints }: Leftovers): readonly Verdict<MigrationCause>[] {
  const [first] = constraints;
  if (!first) return [];
  return [
    {
      cause: 'not-valid',
      headline: `${formatCount(constraints.length, 'constraint is', 'constraints are')} NOT VALID: ${first.name} on ${first.schema}.${first.table}${constraints.length > 1 ? ' and others' : ''}.`,
      lines: [
        'New rows are checked, old ones were not. It is half of a safe migration: its second half validates. If that never ran or failed, old rows may break the rule.',
      ],
      next: { step: 'validate', words: 'validate it in a quiet hour: cell Act, validate a constraint.' },
    },
  ];
}

function nothing({ histories, seesSessions, states }: MigrationEvidence): Verdict<MigrationCause> {
  if (histories.length === 0)
    return {
      cause: 'no-history',
      headline: 'There is no Flyway history in this database.',
      lines: ['Is this the database that is migrated? Another tool keeps its history elsewhere.'],
    };
  return {
    cause: 'clean',
    headline: `The history knows no failure, and nothing is left half-done in this database.${seesSessions ? '' : ' Whether a migration runs now is hidden from this role.'}`,
    lines: [
      'On PostgreSQL a script that runs in one transaction leaves nothing when it fails, not even a row: look at the output of the deployment for its error.',
      ...(states
        ? []
        : ['No scripts of this history were found in the workspace: whether they were edited is not known.']),
    ],
  };
}

/** The server names a prepared transaction by the pid 0. */
function blocker(pid: number): string {
  return pid === 0 ? 'a prepared transaction (Lock Contention runbook)' : String(pid);
}

function firstWords(query: string): string {
  return query.trim().split(/\s+/).slice(0, 5).join(' ').slice(0, 80);
}
