import type { ProjectScripts } from '../flyway/resolve-scripts';
import type { RunbookId } from '../health/signal';
import type { HistoryStore } from '../history/history-store';
import type { KnownPools } from '../pool/known-pools';
import type { ServerSnapshot } from '../monitor/snapshot';
import type { Connections } from '../ports/connections';
import type { Prompts } from '../ports/prompts';
import type { ActionGate } from './action-gate';
import type { LongWork } from './long-work/long-work';
import type { Runbook } from './runbook';

/** What a runbook may use beside the session of its connection. */
export interface RunbookTools {
  readonly connections: Connections;
  readonly gate: ActionGate;
  readonly prompts: Prompts;
  /** For statements of minutes or hours, which outlive the notebook. */
  readonly work: LongWork;
  /** The Flyway scripts of the workspace, read from disk. */
  readonly scripts: () => Promise<readonly ProjectScripts[]>;
  /** What lint says of a script of the workspace, in lines of plain text; undefined where it was not linted. */
  readonly lintOf: (path: string) => readonly string[] | undefined;
  /** What the monitor knows: pools, poolers, lag in seconds. */
  readonly snapshot: (connectionId: string) => ServerSnapshot;
  /** The pools before it, by what the monitor last read of them; undefined where none is attached. */
  readonly pools: (connectionId: string, used: number | null) => KnownPools | undefined;
  /** The numbers that were kept of it, and for how long. */
  readonly history: () => Promise<Pick<HistoryStore, 'read' | 'series'>>;
}

/** A runbook that can be opened. Its command is `dbOps.runbook.<id>`; its steps are loaded when it is. */
export interface RunbookEntry {
  readonly id: RunbookId;
  readonly title: string;
  readonly load: (tools: RunbookTools) => Promise<Runbook>;
}

/** Every runbook, in the order of the guide. */
export const runbookEntries: readonly RunbookEntry[] = [
  {
    id: 'pool-exhaustion',
    title: 'Pool Exhaustion',
    load: async (tools) => (await import('./pool-exhaustion/pool-exhaustion')).poolExhaustion(tools),
  },
  {
    id: 'replication-lag',
    title: 'Replication Lag',
    load: async (tools) => (await import('./replication-lag/replication-lag')).replicationLag(tools),
  },
  {
    id: 'lock-contention',
    title: 'Lock Contention',
    load: async (tools) => (await import('./lock-contention/lock-contention')).lockContention(tools),
  },
  {
    id: 'migration-rollback',
    title: 'Migration Rollback',
    load: async (tools) => (await import('./migrations/migration-rollback')).migrationRollback(tools),
  },
  {
    id: 'migration-failure',
    title: 'Migration Failure',
    load: async (tools) => (await import('./migrations/migration-failure')).migrationFailure(tools),
  },
  {
    id: 'scaling',
    title: 'Scaling',
    load: async (tools) => (await import('./scaling/scaling')).scaling(tools),
  },
  {
    id: 'database-unavailable',
    title: 'Database Unavailable',
    load: async (tools) => (await import('./database-unavailable/database-unavailable')).databaseUnavailable(tools),
  },
  {
    id: 'backup',
    title: 'Backup and Recovery',
    load: async (tools) => (await import('./backup/backup')).backup(tools),
  },
  {
    id: 'vacuum',
    title: 'Vacuum',
    load: async (tools) => (await import('./vacuum/vacuum')).vacuum(tools),
  },
  {
    id: 'reindex',
    title: 'Reindex',
    load: async (tools) => (await import('./reindex/reindex')).reindex(tools),
  },
  {
    id: 'migration-review',
    title: 'Flyway History Review',
    load: async (tools) => (await import('./migrations/migration-review')).migrationReview(tools),
  },
  {
    id: 'pool-sizing',
    title: 'Pool Sizing Review',
    load: async (tools) => (await import('./pool-sizing/pool-sizing')).poolSizing(tools),
  },
  {
    id: 'cheat-sheet',
    title: 'Cheat Sheet',
    load: async (tools) => (await import('./cheat-sheet/cheat-sheet')).cheatSheet(tools),
  },
];

export function findRunbook(id: string): RunbookEntry | undefined {
  return runbookEntries.find((entry) => entry.id === id);
}

/** The title of a runbook, or its id where this version does not know it. */
export function runbookTitle(id: string): string {
  return findRunbook(id)?.title ?? id;
}
