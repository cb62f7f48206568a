import { findCodeMigrations, type CodeMigration } from '../flyway/code-migrations';
import { decodeScript, type DecodedScript } from '../flyway/decode-script';
import { findProjects, type FlywayProject } from '../flyway/find-projects';
import type { FlywayConfig } from '../flyway/flyway-config';
import { isOfInterest, scanScripts, type FoundScript } from '../flyway/scan-scripts';
import { withScriptConfig } from '../flyway/script-config';
import { scriptConfigProblems } from '../flyway/script-configs';
import type { FileSystem } from '../ports/file-system';

/** A script as it stands on the disk. */
export interface SurveyedScript extends FoundScript, DecodedScript {
  /** The project's configuration, with that of the script itself. */
  readonly config: FlywayConfig;
  /** What is wrong with the `.conf` beside it, or with itself where it is one without a script. */
  readonly configProblems: readonly string[];
}

export interface SurveyedProject {
  readonly project: FlywayProject;
  readonly scripts: readonly SurveyedScript[];
  readonly codeMigrations: readonly CodeMigration[];
}

/** How many files are read at once. */
const atOnce = 32;

/** Finds the projects of a folder and reads all their scripts. */
export async function survey(
  files: FileSystem,
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
  locations: readonly string[],
  locationsFrom?: string,
): Promise<SurveyedProject[]> {
  const projects = await findProjects(files, root, environment, locations, locationsFrom);
  const surveyed: SurveyedProject[] = [];
  for (const project of projects)
    surveyed.push({
      project,
      scripts: await readScripts(files, project),
      codeMigrations: await findCodeMigrations(files, project),
    });
  return surveyed;
}

/** How often a folder is walked again in which files get other names while they are read. */
const mostWalks = 5;

/** A file that went away between its folder and itself may have another name now; one that stays cannot be read. */
async function readScripts(files: FileSystem, project: FlywayProject): Promise<SurveyedScript[]> {
  let found = await scanScripts(files, project);
  let read = new Map<string, SurveyedScript>();
  for (let walk = 1; ; walk++) {
    const scripts = await readFound(files, project, found, read);
    if (scripts.every(({ problem }) => problem !== 'unreadable')) return scripts;
    // What could be read is not read again: the next walk is soon at its end.
    read = new Map(scripts.flatMap((script) => (script.problem === 'unreadable' ? [] : [[script.path, script]])));
    found = await scanScripts(files, project);
    const there = new Set(found.map(({ path }) => path));
    if (walk === mostWalks || scripts.every(({ path, problem }) => problem !== 'unreadable' || there.has(path)))
      return scripts;
  }
}

async function readFound(
  files: FileSystem,
  project: FlywayProject,
  found: readonly FoundScript[],
  read: ReadonlyMap<string, SurveyedScript>,
): Promise<SurveyedScript[]> {
  const byPath = new Map(found.map((script) => [script.path, script]));
  const configs = found.filter(({ name }) => /\.conf$/i.test(name));
  const orphans = configs.filter(
    ({ path, name }) =>
      !byPath.has(path.slice(0, -'.conf'.length)) && hasSuffix(name.slice(0, -'.conf'.length), project.config),
  );
  const known = new Set(configs.map(({ path }) => path));
  const wanted = [...found.filter(isOfInterest), ...orphans];
  const scripts: SurveyedScript[] = [];
  for (let at = 0; at < wanted.length; at += atOnce) {
    const batch = wanted.slice(at, at + atOnce).map((script) => {
      const before = read.get(script.path);
      return before ? Promise.resolve(before) : readScript(files, script, project.config, known);
    });
    scripts.push(...(await Promise.all(batch)));
  }
  return scripts;
}

function hasSuffix(name: string, { naming }: FlywayConfig): boolean {
  return naming.suffixes.some((suffix) => name.toLowerCase().endsWith(suffix.toLowerCase()));
}

async function readScript(
  files: FileSystem,
  script: FoundScript,
  projectConfig: FlywayConfig,
  configs: ReadonlySet<string>,
): Promise<SurveyedScript> {
  const bytes = await files.read(script.path);
  if (!bytes) return { ...script, text: '', problem: 'unreadable', config: projectConfig, configProblems: [] };
  if (configs.has(script.path)) return orphan(script, projectConfig, bytes);
  const own = `${script.path}.conf`;
  const content = configs.has(own) ? await files.read(own) : undefined;
  const text = content === undefined ? undefined : new TextDecoder().decode(content);
  const config = text === undefined ? projectConfig : withScriptConfig(projectConfig, own, text);
  const configProblems = text === undefined ? [] : scriptConfigProblems({ path: own, text, hasScript: true });
  return { ...script, ...decodeScript(bytes, config.encoding), config, configProblems };
}

/** A `.conf` without a script. */
function orphan(script: FoundScript, config: FlywayConfig, bytes: Uint8Array): SurveyedScript {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const configProblems = scriptConfigProblems({ path: script.path, text, hasScript: false });
  const meaning = { kind: 'skipped', reason: `there is no ${script.name.replace(/\.conf$/i, '')} beside it` } as const;
  return { ...script, meaning, text, problem: undefined, config, configProblems };
}
