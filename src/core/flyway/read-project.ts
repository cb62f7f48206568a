import type { FileSystem } from '../ports/file-system';
import { readBuildFile } from './build-files';
import { ConfigFileError, readConf, readEnvironment, readToml } from './config-files';
import { defaultNaming, scanFileName } from './file-name';
import type { FlywayProject } from './find-projects';
import { buildConfig, type SettingsLayer, type Sourced } from './flyway-config';
import { outermost, resolveLocation } from './locations';
import { readSpring } from './spring-files';

export const defaultsSource = "Flyway's defaults";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The project of one folder, or undefined when it has neither a configuration nor migrations where Flyway looks by default.
 * `override` are locations that replace all others.
 */
export async function readProject(
  files: FileSystem,
  folder: string,
  environment: Environment,
  override: Sourced<readonly string[]> | undefined,
): Promise<FlywayProject | undefined> {
  const { layers, problems } = await readLayers(files, folder, environment);
  const configured = layers.some((layer) => layer.values.size > 0);
  const byCommandLine = layers.some(({ from }) => /flyway(\.user)?\.(toml|conf)$/.test(from));
  layers.push(readEnvironment(environment));
  const defaults = { value: defaultLocations(byCommandLine), from: defaultsSource };
  const read = buildConfig(layers, override ?? defaults);
  const config = override ? { ...read, locations: override } : read;
  const found: string[] = [];
  for (const location of config.locations.value) {
    const resolved = await resolveLocation(files, folder, location);
    const guessed = config.locations.from === defaultsSource && guesses.includes(location) && !byCommandLine;
    for (const place of resolved) if (!guessed || (await holdsMigrations(files, place))) found.push(place);
  }
  if (!override && found.length === 0 && !configured) return undefined;
  const missing = `None of the locations ${config.locations.value.join(', ')} (from ${config.locations.from}) exists below ${folder}.`;
  return {
    folder,
    config,
    migrationFolders: outermost(found),
    problems: found.length === 0 ? [...problems, missing] : problems,
  };
}

/** Folders with names that other things have too: taken without a configuration only when migrations are in them. */
const guesses = ['filesystem:db/migration', 'filesystem:migrations', 'filesystem:sql'];

/** Where Flyway looks without being told: the class path of Maven, Gradle and Spring Boot, and the command line's folder. */
function defaultLocations(byCommandLine: boolean): readonly string[] {
  return byCommandLine
    ? ['filesystem:sql', 'classpath:db/migration']
    : ['filesystem:src/main/resources/db/migration', 'filesystem:src/main/kotlin/db/migration', ...guesses];
}

async function holdsMigrations(files: FileSystem, folder: string): Promise<boolean> {
  const entries = (await files.list(folder)) ?? [];
  return entries.some(
    ({ name, kind }) => kind === 'file' && ['versioned', 'repeatable'].includes(scanFileName(name, defaultNaming).kind),
  );
}

/** The configuration files of a folder, the weaker first. */
async function readLayers(
  files: FileSystem,
  folder: string,
  environment: Environment,
): Promise<{ layers: SettingsLayer[]; problems: string[] }> {
  const problems: string[] = [];
  const layers: SettingsLayer[] = [];
  const read = async (file: string, reader: (from: string, content: string) => SettingsLayer): Promise<boolean> => {
    const bytes = await files.read(`${folder}/${file}`);
    if (!bytes) return false;
    try {
      layers.push(reader(`${folder}/${file}`, new TextDecoder().decode(bytes)));
    } catch (error) {
      if (!(error instanceof ConfigFileError)) throw error;
      problems.push(error.message);
    }
    return true;
  };
  for (const file of ['pom.xml', 'build.gradle', 'build.gradle.kts']) await read(file, readBuildFile);
  const spring = await readSpring(files, folder, environment);
  layers.push(...spring.layers);
  problems.push(...spring.problems);
  const before = layers.length;
  const hasToml = [await read('flyway.toml', readToml), await read('flyway.user.toml', readToml)].includes(true);
  const toml = layers.splice(before);
  for (const file of ['conf/flyway.conf', 'flyway.conf']) {
    const there = await read(file, (from, content) => readConf(from, content, environment));
    if (!there || !hasToml) continue;
    // Flyway reads only one of the two kinds.
    layers.pop();
    problems.push(`${folder}/${file} is ignored: Flyway reads no .conf where there is a .toml.`);
  }
  return { layers: [...layers, ...toml], problems };
}
