import { decodeScript, type DecodedScript } from '../flyway/decode-script';
import { findProjects, type FlywayProject } from '../flyway/find-projects';
import type { FlywayConfig } from '../flyway/flyway-config';
import { isOfInterest, scanScripts, type FoundScript } from '../flyway/scan-scripts';
import { withScriptConfig } from '../flyway/script-config';
import type { FileSystem } from '../ports/file-system';

/** A script as it stands on the disk. */
export interface SurveyedScript extends FoundScript, DecodedScript {
  /** The project's configuration, with that of the script itself. */
  readonly config: FlywayConfig;
}

export interface SurveyedProject {
  readonly project: FlywayProject;
  readonly scripts: readonly SurveyedScript[];
}

/** How many files are read at once. */
const atOnce = 32;

/** Finds the projects of a folder and reads all their scripts. */
export async function survey(
  files: FileSystem,
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
  locations: readonly string[],
): Promise<SurveyedProject[]> {
  const projects = await findProjects(files, root, environment, locations);
  const surveyed: SurveyedProject[] = [];
  for (const project of projects) {
    const found = await scanScripts(files, project);
    const configs = new Set(found.filter(({ name }) => /\.conf$/i.test(name)).map(({ path }) => path));
    const wanted = found.filter(isOfInterest);
    const scripts: SurveyedScript[] = [];
    for (let at = 0; at < wanted.length; at += atOnce) {
      const batch = wanted.slice(at, at + atOnce).map((script) => readScript(files, script, project.config, configs));
      for (const script of await Promise.all(batch)) if (script) scripts.push(script);
    }
    surveyed.push({ project, scripts });
  }
  return surveyed;
}

/** Undefined for a file that went away meanwhile, or may not be read. */
async function readScript(
  files: FileSystem,
  script: FoundScript,
  projectConfig: FlywayConfig,
  configs: ReadonlySet<string>,
): Promise<SurveyedScript | undefined> {
  const own = `${script.path}.conf`;
  const content = configs.has(own) ? await files.read(own) : undefined;
  const config = content ? withScriptConfig(projectConfig, own, new TextDecoder().decode(content)) : projectConfig;
  const bytes = await files.read(script.path);
  return bytes && { ...script, ...decodeScript(bytes, config.encoding), config };
}
