import type { WorkspaceLint } from '../core/lint/lint-workspace';

/** The configuration of a project as `dbops info --config` prints it. */
export interface PrintedConfig {
  readonly folder: string;
  readonly migrations: readonly string[];
  readonly settings: readonly { readonly name: string; readonly value: string; readonly from: string }[];
  readonly problems: readonly string[];
}

export function printedConfigs(results: readonly WorkspaceLint[], shown: (path: string) => string): PrintedConfig[] {
  return results.flatMap(({ projects }) =>
    projects.map(({ folder, migrationFolders, config, problems }) => ({
      folder: shown(folder),
      migrations: migrationFolders.map(shown),
      settings: config.shown.map(({ name, value, from }) => ({
        name,
        value,
        from: from.startsWith('/') ? shown(from) : from,
      })),
      problems,
    })),
  );
}

export function formatConfigs(configs: readonly PrintedConfig[], format: 'text' | 'json'): string {
  if (format === 'json') return JSON.stringify(configs, null, 2);
  return configs
    .map(({ folder, migrations, settings, problems }) => {
      const width = Math.max(0, ...settings.map(({ name }) => name.length));
      return [
        `Project ${folder === '' ? '.' : folder}`,
        ...migrations.map((path) => `  migrations in ${path === '' ? '.' : path}`),
        ...settings.map(({ name, value, from }) => `  ${name.padEnd(width)} = ${value}   (${from})`),
        ...problems.map((problem) => `  problem: ${problem}`),
      ].join('\n');
    })
    .join('\n\n');
}
