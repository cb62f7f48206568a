import path from 'node:path';
import type { BoundMigrations, BoundMigrationsSource, BoundProject } from '../../core/monitor/migration-signals';
import type { ShownProject } from '../../core/lint/worker-messages';
import type { WorkspaceBinding } from '../connections/workspace-binding';
import type { BoundDatabase } from './bound-database';
import type { MigrationLint } from './migration-lint';

/** The migrations of the bound workspace for the tree: what the last run of lint knows of them. */
export function boundMigrations(
  binding: WorkspaceBinding,
  lint: MigrationLint,
  database: BoundDatabase,
): BoundMigrationsSource {
  return {
    current: () => current(binding, lint, database),
    onDidChange: (listener) => {
      const subscriptions = [
        lint.onDidLint(() => listener()),
        database.onDidChange(() => listener()),
        binding.onDidChange(() => listener()),
      ];
      return {
        dispose: () => {
          for (const one of subscriptions) one.dispose();
        },
      };
    },
  };
}

function current(
  binding: WorkspaceBinding,
  lint: MigrationLint,
  { state }: BoundDatabase,
): BoundMigrations | undefined {
  const connectionId = binding.connection?.id;
  if (connectionId === undefined || lint.projects.length === 0) return undefined;
  const nothing = { connectionId, at: null, problem: null, projects: [] };
  switch (state.kind) {
    case 'unbound':
    case 'reading':
      return nothing;
    case 'unknown':
      return { ...nothing, problem: `not read: ${state.why}` };
    case 'current':
      return { connectionId, at: state.at, problem: null, projects: lint.projects.map(projectOf) };
  }
}

function projectOf({ folder, scope, states }: ShownProject): BoundProject {
  const name = path.posix.basename(folder);
  if (scope.kind !== 'database') {
    const why = scope.kind === 'all' && scope.detail !== undefined ? scope.detail : 'the history is not compared';
    return { name, unknown: why, scripts: [] };
  }
  const scripts = states.map((file) => ({
    script: path.posix.basename(file.path),
    state: file.state,
    edited: file.edited,
  }));
  return { name, unknown: undefined, scripts };
}
