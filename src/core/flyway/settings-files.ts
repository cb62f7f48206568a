import type { FileSystem } from '../ports/file-system';
import { ConfigFileError, parseTomlFile, readConf, readEnvironment, readTomls, type TomlFile } from './config-files';
import { splitList, type SettingsLayer } from './flyway-config';
import { readGradle } from './gradle-file';
import { parentPath, parsePom, readMaven, type Pom } from './maven-file';
import { normalized } from './normalized-path';
import { parseProperties } from './properties-file';
import { readSpring } from './spring-files';

/** What one tool that runs Flyway has been told in a folder. */
export interface ToolSettings {
  readonly tool: 'maven' | 'gradle' | 'application' | 'flyway';
  readonly layers: readonly SettingsLayer[];
  /** Each a further use of Flyway: an execution, a task, a named data source, a configuration under another name. */
  readonly alternatives: readonly SettingsLayer[];
}

export interface FolderSettings {
  /** The weaker tool first. */
  readonly tools: readonly ToolSettings[];
  readonly environment: readonly SettingsLayer[];
  readonly problems: readonly string[];
  /** Those of them that tell of a file that cannot be read. */
  readonly unreadable: readonly ConfigFileError[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads every configuration of a folder: Maven's, Gradle's, Spring's (and its kin's), Flyway's own, the environment. */
export async function readSettings(
  files: FileSystem,
  folder: string,
  names: readonly string[],
  environment: Environment,
): Promise<FolderSettings> {
  const problems: string[] = [];
  const unreadable: ConfigFileError[] = [];
  const reader = new SettingsReader(files, environment, problems, unreadable);
  const tools: ToolSettings[] = [];
  if (names.includes('pom.xml')) tools.push(await reader.maven(folder));
  for (const file of ['build.gradle', 'build.gradle.kts'])
    if (names.includes(file)) tools.push(await reader.gradle(folder, file));
  const { layers, alternatives, unreadable: ofSpring } = await readSpring(files, folder, environment);
  problems.push(...ofSpring.map(({ message }) => message));
  unreadable.push(...ofSpring);
  tools.push({ tool: 'application', layers, alternatives });
  tools.push(await reader.flyway(folder, names));
  return { tools, environment: readEnvironment(environment), problems, unreadable };
}

class SettingsReader {
  constructor(
    private readonly files: FileSystem,
    private readonly environment: Environment,
    private readonly problems: string[],
    private readonly unreadable: ConfigFileError[],
  ) {}

  async maven(folder: string): Promise<ToolSettings> {
    const chain: Pom[] = [];
    let path: string | undefined = `${folder}/pom.xml`;
    // A parent that leads back to its child would never end.
    for (let depth = 0; path !== undefined && depth < 8; depth++) {
      const pom: Pom | undefined = await this.read(normalized(path), parsePom);
      if (!pom) break;
      chain.push(pom);
      path = parentPath(pom);
    }
    const { layers, alternatives } = readMaven(chain, this.environment);
    const named = layers.flatMap(({ values }) => splitList(values.get('configFiles') ?? ''));
    return { tool: 'maven', layers: [...(await this.configFiles(folder, named)), ...layers], alternatives };
  }

  async gradle(folder: string, file: string): Promise<ToolSettings> {
    const properties =
      (await this.read(`${folder}/gradle.properties`, (_, content) => new Map(parseProperties(content)))) ??
      new Map<string, string>();
    const read = await this.read(`${folder}/${file}`, (from, content) => readGradle(from, content, properties));
    const { layers, alternatives } = read ?? { layers: [], alternatives: [] };
    const named = layers.flatMap(({ values }) => splitList(values.get('configFiles') ?? ''));
    return { tool: 'gradle', layers: [...(await this.configFiles(folder, named)), ...layers], alternatives };
  }

  /** `flyway.toml`, or `flyway.conf`: Flyway reads only one of the two kinds. */
  async flyway(folder: string, names: readonly string[]): Promise<ToolSettings> {
    const home = this.environment['HOME'] ?? this.environment['USERPROFILE'];
    const homes = home === undefined || folder === home ? [] : [home.replaceAll('\\', '/')];
    const tomls: TomlFile[] = [];
    for (const place of [`${folder}/conf`, ...homes, folder])
      for (const file of ['flyway.toml', 'flyway.user.toml']) {
        const toml = await this.read(`${place}/${file}`, parseTomlFile);
        if (toml) tomls.push(toml);
      }
    const confs: SettingsLayer[] = [];
    for (const place of [`${folder}/conf`, ...homes, folder]) {
      const conf = await this.read(`${place}/flyway.conf`, (from, content) =>
        readConf(from, content, this.environment),
      );
      if (conf) confs.push(conf);
    }
    const given = splitList(this.environment['FLYWAY_CONFIG_FILES'] ?? '');
    const extra = await this.configFiles(folder, given);
    if (tomls.length > 0)
      for (const { from } of confs)
        this.problems.push(`${from} is ignored: Flyway reads no .conf where there is a .toml.`);
    const layers = tomls.length > 0 ? readTomls(tomls, this.environment) : confs;
    const alternatives: SettingsLayer[] = [];
    for (const name of names)
      if (/^flyway[\w.-]+\.(conf|toml)$/.test(name) && name !== 'flyway.user.toml')
        alternatives.push(...(await this.configFiles(folder, [name])));
    return { tool: 'flyway', layers: [...layers, ...extra], alternatives };
  }

  private async configFiles(folder: string, paths: readonly string[]): Promise<SettingsLayer[]> {
    const layers: SettingsLayer[] = [];
    for (const path of paths) {
      const full = /^(\/|[A-Za-z]:)/.test(path) ? path : normalized(`${folder}/${path}`);
      const read = await this.read(full, (from, content) =>
        from.endsWith('.toml')
          ? readTomls([parseTomlFile(from, content)], this.environment)
          : [readConf(from, content, this.environment)],
      );
      layers.push(...(read ?? []));
    }
    return layers;
  }

  /** Undefined when there is no such file, or it is broken: that becomes a problem. */
  private async read<T>(path: string, parse: (from: string, content: string) => T): Promise<T | undefined> {
    const bytes = await this.files.read(path);
    if (!bytes) return undefined;
    try {
      return parse(path, new TextDecoder().decode(bytes));
    } catch (error) {
      if (!(error instanceof ConfigFileError)) throw error;
      if (!this.problems.includes(error.message)) {
        this.problems.push(error.message);
        this.unreadable.push(error);
      }
      return undefined;
    }
  }
}
