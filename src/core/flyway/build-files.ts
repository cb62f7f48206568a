import type { SettingsLayer } from './flyway-config';

/** Settings of one value that a plugin's section may hold. */
const simple =
  '(?:sql|undoSql|repeatableSql|baseline)Migration(?:Prefix|Separator|Suffixes)|encoding|mixed|placeholderReplacement|placeholderPrefix|placeholderSuffix|validateMigrationNaming|table';

/** The plugin's section of a pom.xml or a Gradle file: locations and simple values. Scripts are not run, only read. */
export function readBuildFile(from: string, content: string): SettingsLayer {
  const folder = from.slice(0, from.lastIndexOf('/'));
  return { from, values: from.endsWith('pom.xml') ? readPom(content, folder) : readGradle(content, folder) };
}

function readPom(content: string, folder: string): Map<string, string> {
  const text = content.replace(/<!--[\s\S]*?-->/g, '');
  const values = new Map<string, string>();
  const own = new Map<string, string>();
  for (const [, name = '', value = ''] of inside(text, 'properties').matchAll(/<([\w.-]+)>\s*([^<]*?)\s*<\/\1>/g))
    own.set(name, value);
  const resolve = (value: string): string =>
    value.replace(/\$\{([^}]+)\}/g, (whole, name: string) =>
      name === 'project.basedir' || name === 'basedir' ? folder : (own.get(name) ?? whole),
    );
  for (const [name, value] of own)
    if (name.startsWith('flyway.')) values.set(name.slice('flyway.'.length), resolve(value));
  const plugin = /<artifactId>\s*flyway-maven-plugin\s*<\/artifactId>([\s\S]*?)<\/plugin>/.exec(text)?.[1] ?? '';
  const locations = [...plugin.matchAll(/<location>\s*([^<]+?)\s*<\/location>/g)].map((match) => match[1] ?? '');
  if (locations.length > 0) values.set('locations', locations.map(resolve).join(','));
  const suffixes = [...plugin.matchAll(/<sqlMigrationSuffix>\s*([^<]+?)\s*<\/sqlMigrationSuffix>/g)].map(
    (match) => match[1] ?? '',
  );
  if (suffixes.length > 0) values.set('sqlMigrationSuffixes', suffixes.join(','));
  for (const [, name = '', value = ''] of plugin.matchAll(new RegExp(`<(${simple})>\\s*([^<]*?)\\s*</\\1>`, 'g')))
    if (value !== '' || name.endsWith('Prefix')) values.set(name, resolve(value));
  for (const [, name = '', value = ''] of inside(plugin, 'placeholders').matchAll(/<([\w.-]+)>\s*([^<]*?)\s*<\/\1>/g))
    values.set(`placeholders.${name}`, resolve(value));
  return values;
}

function inside(text: string, tag: string): string {
  return new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text)?.[1] ?? '';
}

function readGradle(content: string, folder: string): Map<string, string> {
  const values = new Map<string, string>();
  const text = content.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
  const block = flywayBlock(text).replace(
    /\$\{?(?:project\.)?(?:projectDir|rootDir|rootProject\.projectDir)\}?/g,
    folder,
  );
  const list = (name: string): string | undefined => {
    const body = new RegExp(`\\b${name}\\s*(?:=\\s*)?(?:\\.set)?(?:\\[|\\(|arrayOf\\(|listOf\\()([^\\])]*)`).exec(
      block,
    )?.[1];
    return body === undefined
      ? undefined
      : [...body.matchAll(/["']([^"']+)["']/g)].map((match) => match[1] ?? '').join(',');
  };
  for (const name of ['locations', 'sqlMigrationSuffixes']) {
    const found = list(name);
    if (found !== undefined && found !== '') values.set(name, found);
  }
  for (const [, name = '', value = ''] of block.matchAll(new RegExp(`\\b(${simple})\\s*=\\s*["']([^"']*)["']`, 'g')))
    values.set(name, value);
  for (const [, name = '', value = ''] of block.matchAll(
    /\b(mixed|placeholderReplacement|validateMigrationNaming)\s*=\s*(true|false)\b/g,
  ))
    values.set(name, value);
  return values;
}

/** What stands between the braces of `flyway { … }`. */
function flywayBlock(text: string): string {
  const begin = /^[ \t]*flyway\s*\{/m.exec(text);
  if (!begin) return '';
  const from = begin.index + begin[0].length;
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text.charAt(at) === '{') depth++;
    if (text.charAt(at) === '}' && --depth === 0) return text.slice(from, at);
  }
  return '';
}
