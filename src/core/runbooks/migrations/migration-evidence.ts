import { historyStates } from '../../flyway/history-states';
import { mostHistoryRows, readHistories, usualHistoryTables, type FoundHistory } from '../../flyway/read-history';
import type { ProjectScripts } from '../../flyway/resolve-scripts';
import type { RunbookTools } from '../registry';
import type { StepRun } from '../runbook';
import { migratingSessionsStatement, readLeftovers } from './leftovers';
import type { MigrationEvidence } from './migration-verdict';

/** Everything that both runbooks of migrations judge by. */
export async function readMigrationEvidence(
  { session, signal }: StepRun,
  tools: RunbookTools,
): Promise<MigrationEvidence> {
  const { seesAllSessions } = session.capabilities;
  const projects = await tools.scripts();
  // The workspace may have given its history another name.
  const names = [...new Set([...usualHistoryTables, ...projects.map(({ table }) => table)])];
  const histories = await readHistories(session, names, signal);
  return {
    histories,
    leftovers: await readLeftovers(session, signal),
    migrating: seesAllSessions ? await session.read(migratingSessionsStatement, signal) : [],
    seesSessions: seesAllSessions,
    ...matchProject(histories, projects),
  };
}

/** The project that has most in common with a history, and its states; neither where none has anything. */
function matchProject(
  histories: readonly FoundHistory[],
  projects: readonly ProjectScripts[],
): Pick<MigrationEvidence, 'project' | 'states'> {
  let best: (Pick<MigrationEvidence, 'project' | 'states'> & { readonly common: number }) | undefined;
  for (const { table, rows } of histories) {
    // Of a history that was not read to its beginning nobody can tell what is pending.
    if (rows && rows.length > mostHistoryRows) continue;
    for (const project of rows ? projects : []) {
      if (project.table !== table) continue;
      const states = historyStates(project.scripts, rows ?? [], project);
      const common = states.filter(({ row, script }) => row && script).length;
      if (common > (best?.common ?? 0)) best = { common, project, states };
    }
  }
  return { project: best?.project, states: best?.states };
}
