import type { FlywayProject } from '../flyway/find-projects';
import { chooseHistory, type InstalledRow } from '../flyway/read-history';
import type { LintScript } from './lint-script';
import { appliedState, type AppliedState } from './rules/applied';
import type { DatabaseFacts } from './script-context';
import { databaseFacts } from './table-facts';
import type { DatabaseReading, FileState } from './worker-messages';

/** What one reading of the bound database means for the projects of a workspace; made anew for each reading. */
export class BoundProjects {
  private readonly facts = new Map<string, DatabaseFacts>();
  private readonly known = new Map<string, { readonly scripts: readonly LintScript[]; readonly state: AppliedState }>();

  constructor(readonly reading: DatabaseReading) {}

  /** Undefined for a project of another kind of database. */
  factsOf({ config }: FlywayProject): DatabaseFacts | undefined {
    if (config.database.value !== 'postgresql') return undefined;
    const schema = config.defaultSchema ?? this.reading.currentSchema ?? 'public';
    const facts = this.facts.get(schema) ?? databaseFacts(this.reading.major, this.reading.tables, schema);
    this.facts.set(schema, facts);
    return facts;
  }

  /** The states by the project's history; a text why there are none. */
  appliedOf(scripts: readonly LintScript[], project: FlywayProject): AppliedState | string {
    const { config } = project;
    const { reading } = this;
    if (config.database.value !== 'postgresql') return `the scripts are for ${config.database.value}`;
    const choice = chooseHistory(config, reading.histories, reading.currentSchema);
    if (choice.kind === 'unknown') return choice.why;
    const key = [project.folder, ...project.migrationFolders].join('\0');
    const before = this.known.get(key);
    const same = before?.scripts.length === scripts.length && scripts.every((one, at) => one === before.scripts[at]);
    if (before && same) return before.state;
    const rows = choice.kind === 'found' ? choice.history.rows : [];
    const state = appliedState(reading.name, scripts, rows);
    this.known.set(key, { scripts, state });
    return state;
  }

  /** Where the history of a project is; undefined where there is none yet. */
  historyOf({ config }: FlywayProject): string | undefined {
    const choice = chooseHistory(config, this.reading.histories, this.reading.currentSchema);
    return choice.kind === 'found' ? `${choice.history.schema}.${choice.history.table}` : undefined;
  }
}

/** The state of each file, the last word where a history has several rows for it. */
export function fileStates({ infos }: AppliedState): FileState[] {
  const states = new Map<string, FileState>();
  for (const { script, state, row, edited } of infos) {
    if (!script) continue;
    const installed = row as InstalledRow | undefined;
    states.set(script.path, {
      path: script.path,
      state,
      edited,
      ...(installed && {
        installedOn: installed.installedOn,
        installedBy: installed.installedBy,
        executionMs: installed.executionMs,
        checksums: { applied: installed.checksum, here: script.checksums[0] ?? 0 },
      }),
    });
  }
  return [...states.values()];
}

/** What was applied and has no script here. */
export function missingScripts({ infos }: AppliedState): string[] {
  return infos.flatMap(({ script, row, state }) =>
    !script && row && /Missing|Future/.test(state) ? [`${row.script} (${state})`] : [],
  );
}
