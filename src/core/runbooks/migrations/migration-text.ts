import { formatDuration } from '../../format/quantities';
import type { MigrationInfo } from '../../flyway/history-states';
import { escapeMarkdown, inlineCode, markdownTable, shorten } from '../markdown';
import type { FoundHistory } from '../../flyway/read-history';
import type { Leftovers, MigratingSession } from './leftovers';
import type { RepairStep } from './repair-preview';

const shownRows = 15;

export function historiesMarkdown(
  histories: readonly FoundHistory[],
  states: readonly MigrationInfo[] | undefined,
): string {
  if (histories.length === 0) return 'There is no Flyway history in this database.';
  return histories
    .map(({ schema, table, rows }) => {
      const name = inlineCode(`${schema}.${table}`);
      if (!rows) return `${name} is hidden from this role: it takes USAGE on its schema and SELECT on it.`;
      const last = rows.slice(-shownRows).toReversed();
      const body = last.map((row) => [
        String(row.installedRank),
        escapeMarkdown(row.version ?? 'repeatable'),
        inlineCode(row.script),
        escapeMarkdown(row.type),
        stateOf(row.installedRank, row.success, states),
        escapeMarkdown(row.installedOn),
        escapeMarkdown(row.installedBy),
      ]);
      return `${name}, the latest first (${rows.length} rows):\n\n${markdownTable(['Rank', 'Version', 'Script', 'Type', 'State', 'When', 'By'], body)}`;
    })
    .join('\n\n');
}

function stateOf(rank: number, success: boolean, states: readonly MigrationInfo[] | undefined): string {
  const info = states?.find(({ row }) => row?.installedRank === rank);
  const state = info?.state ?? (success ? 'applied' : 'Failed');
  return `${success ? state : `**${state.toUpperCase()}**`}${info?.edited === true ? ' · **edited since**' : ''}`;
}

export function leftoversMarkdown({ indexes, constraints }: Leftovers): string {
  const parts = [
    indexes.length === 0
      ? 'No index is invalid.'
      : markdownTable(
          ['Invalid index', 'Table'],
          indexes.map(({ schema, index, table }) => [inlineCode(`${schema}.${index}`), inlineCode(table)]),
        ),
    constraints.length === 0
      ? 'Every constraint is valid.'
      : markdownTable(
          ['NOT VALID constraint', 'Table', 'Kind'],
          constraints.map(({ schema, table, name, kind }) => [
            inlineCode(name),
            inlineCode(`${schema}.${table}`),
            kind,
          ]),
        ),
  ];
  return parts.join('\n\n');
}

export function migratingMarkdown(migrating: readonly MigratingSession[], seesSessions: boolean): string {
  if (!seesSessions) return 'What other sessions do is hidden from this role: connect with a role of pg_monitor.';
  if (migrating.length === 0) return 'No session migrates now.';
  return markdownTable(
    ['Session', 'Application', 'Role', 'State', 'Transaction open', 'Waits for', 'In its way', 'Statement'],
    migrating.map((session) => [
      String(session.pid),
      escapeMarkdown(session.application),
      escapeMarkdown(session.user ?? ''),
      escapeMarkdown(session.state ?? ''),
      session.ageS === null ? '' : formatDuration(session.ageS),
      escapeMarkdown(session.waits ?? ''),
      session.blockedBy.map((pid) => (pid === 0 ? 'a prepared transaction' : String(pid))).join(', '),
      inlineCode(shorten(session.query, 100)),
    ]),
  );
}

export function repairMarkdown(preview: readonly RepairStep[] | undefined): string {
  if (!preview)
    return 'No scripts of this history were found in the workspace, so what repair would do cannot be told. It removes failed rows, marks missing ones as deleted and takes over changed checksums, descriptions and types.';
  if (preview.length === 0)
    return 'By the scripts of this workspace repair would change **nothing**: no row failed, none is without its script, none differs from it.';
  const rows = preview.map(({ row, does, changes }) => [
    String(row.installedRank),
    escapeMarkdown(row.version ?? 'repeatable'),
    inlineCode(row.script),
    escapeMarkdown(row.type),
    does === 'realign' ? `takes over: ${changes.map(escapeMarkdown).join('; ')}` : effects[does],
  ]);
  return [
    markdownTable(['Rank', 'Version', 'Script', 'Type', 'What repair does'], rows),
    'By the scripts of this workspace: run it only from the branch that is deployed. It changes no table but the history, and nothing of what the migrations did.',
  ].join('\n\n');
}

const effects = {
  remove: '**removes the row:** the migration runs AGAIN with the next migrate',
  'mark-deleted': '**marks it as deleted:** no script here; where it comes back, it runs AGAIN',
} as const;
