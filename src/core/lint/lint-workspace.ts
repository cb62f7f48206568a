import { checksum } from '../flyway/checksum';
import { findProjects, type FlywayProject } from '../flyway/find-projects';
import { decodeScript, isOfInterest, scanScripts } from '../flyway/scan-scripts';
import type { FileSystem } from '../ports/file-system';
import type { Grammar } from '../sql/grammar';
import type { Finding } from './finding';
import { lintProject, type LintOptions } from './lint-project';
import { LintScript } from './lint-script';

/** What one run over a folder found. */
export interface WorkspaceLint {
  readonly findings: readonly Finding[];
  readonly projects: readonly FlywayProject[];
  readonly scripts: readonly LintScript[];
}

export interface WorkspaceLintOptions extends LintOptions {
  readonly locations: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Texts that are newer than the files: unsaved documents. */
  readonly unsaved: ReadonlyMap<string, string>;
}

/** Reads the projects of a folder and lints them. Scripts that did not change since the last run are not parsed again. */
export class WorkspaceLinter {
  private cache = new Map<string, { readonly script: LintScript; readonly key: string }>();

  constructor(
    private readonly files: FileSystem,
    private readonly grammar: Grammar,
  ) {}

  async lint(root: string, options: WorkspaceLintOptions): Promise<WorkspaceLint> {
    const projects = await findProjects(this.files, root, options.environment, options.locations);
    const findings: Finding[] = [];
    const scripts: LintScript[] = [];
    const kept = new Map<string, { script: LintScript; key: string }>();
    for (const project of projects) {
      const own: LintScript[] = [];
      for (const found of (await scanScripts(this.files, project)).filter(isOfInterest)) {
        const content = await this.text(found.path, project, options.unsaved);
        if (!content) continue;
        const key = `${found.name}\0${checksum(content.text)}\0${content.text.length}\0${JSON.stringify(project.config.naming)}\0${project.config.placeholderPrefix}`;
        const cached = this.cache.get(found.path);
        const script =
          cached?.key === key
            ? cached.script
            : new LintScript(
                found.path,
                found.name,
                found.meaning,
                content.text,
                content.valid,
                project.config,
                this.grammar,
              );
        kept.set(found.path, { script, key });
        own.push(script);
      }
      findings.push(...lintProject(own, project.config, options));
      scripts.push(...own);
    }
    this.cache = kept;
    return { findings, projects, scripts };
  }

  private async text(
    path: string,
    project: FlywayProject,
    unsaved: ReadonlyMap<string, string>,
  ): Promise<{ text: string; valid: boolean } | undefined> {
    const open = unsaved.get(path);
    if (open !== undefined) return { text: open, valid: true };
    const bytes = await this.files.read(path);
    if (!bytes) return undefined;
    return decodeScript(bytes, project.config.encoding);
  }
}
