import type { FlywayProject } from '../flyway/find-projects';
import { lineOfSetting } from '../flyway/setting-line';
import type { FileSystem } from '../ports/file-system';
import { fileStates, missingScripts, type BoundProjects } from './bound-projects';
import type { LintScript } from './lint-script';
import type { WorkspaceLint } from './lint-workspace';
import type { ShownProject, ShownScope } from './worker-messages';

/** The projects of a run as they are explained: every setting with its file and line, what is looked at, the states. */
export async function showProjects(
  { linted }: WorkspaceLint,
  scopes: ReadonlyMap<FlywayProject, ShownScope>,
  bound: BoundProjects | undefined,
  differs: (script: LintScript) => boolean,
  files: FileSystem,
): Promise<ShownProject[]> {
  const texts = new Map<string, Promise<string | undefined>>();
  const textOf = (path: string): Promise<string | undefined> => {
    const known = texts.get(path) ?? files.read(path).then((bytes) => bytes && new TextDecoder().decode(bytes));
    texts.set(path, known);
    return known;
  };
  return Promise.all(
    linted.map(async ({ project, scripts }): Promise<ShownProject> => {
      const { config, folder, migrationFolders, problems } = project;
      const scope = scopes.get(project) ?? { kind: 'all', why: 'setting' };
      const applied = bound?.appliedOf(scripts, project);
      const states = typeof applied === 'object' ? applied : undefined;
      const settings = await Promise.all(
        config.shown.map(async ({ name, value, from }) => {
          const text = /^(\/|[A-Za-z]:)/.test(from) ? await textOf(from.replace(/ \([^)]*\)$/, '')) : undefined;
          const line = text === undefined ? undefined : lineOfSetting(text, name);
          return { name, value, from, ...(line !== undefined && { line }) };
        }),
      );
      const pending = states?.pending;
      return {
        folder,
        database: config.database.value,
        table: config.table,
        migrationFolders,
        settings,
        problems,
        scope,
        scripts: scripts.length,
        looked:
          scope.kind === 'database' && pending
            ? scripts.filter(({ path }) => pending.has(path)).length
            : scope.kind === 'branch'
              ? scripts.filter(differs).length
              : scripts.length,
        states: states ? fileStates(states) : [],
        missing: states ? missingScripts(states) : [],
      };
    }),
  );
}
