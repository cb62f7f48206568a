import { dependencySettings } from './dependencies';
import type { SettingsLayer } from './flyway-config';

/** What a Gradle build tells. It is code and is only read, never run: plain values, lists, maps and simple variables. */
export interface GradleSettings {
  readonly layers: readonly SettingsLayer[];
  /** Tasks of the plugin's types with settings of their own. */
  readonly alternatives: readonly SettingsLayer[];
}

/** The plugin's lists; everything else is one value or a map. */
const lists = 'locations|sqlMigrationSuffixes|schemas|ignoreMigrationPatterns|callbackLocations|configFiles|callbacks';

/** Reads build.gradle or build.gradle.kts. `properties` are those of gradle.properties. */
export function readGradle(from: string, content: string, properties: ReadonlyMap<string, string>): GradleSettings {
  const folder = from.slice(0, from.lastIndexOf('/'));
  const text = withoutComments(content);
  const variables = new Map([...properties, ...variablesOf(text)]);
  const resolve = (value: string): string => interpolate(value, folder, variables);
  const layers: SettingsLayer[] = [];
  const alternatives: SettingsLayer[] = [];
  const dependencies = dependencySettings([text]);
  if (dependencies.size > 0) layers.push({ from: `${from} (dependencies)`, values: dependencies });
  const own = new Map<string, string>();
  for (const block of blocks(
    text,
    /^[ \t]*(?:project\.)?flyway\s*\{|(?:configure|getByType)<[\w.]*FlywayExtension>\s*\{/gm,
  ))
    for (const [key, value] of settingsOf(block, resolve)) own.set(key, value);
  const dotted = [...text.matchAll(/^[ \t]*flyway\.(\w+\s*(?:=|\.set\b|\().*(?:\n[ \t]+["'\]).].*)*)/gm)];
  for (const [key, value] of settingsOf(dotted.map((match) => match[1] ?? '').join('\n'), resolve)) own.set(key, value);
  if (own.size > 0) layers.push({ from, values: own });
  const task =
    /\btask\s+(\w+)\s*\(\s*type:\s*[\w.]*Flyway\w*Task\s*\)\s*\{|(?:register|create)(?:<[\w.]*Flyway\w*Task>)?\s*\(\s*["'](\w+)["'](?:\s*,\s*[\w.]*Flyway\w*Task(?:::class(?:\.java)?)?)?\s*\)\s*\{|\bval\s+(\w+)(?:\s*:[^=\n]+)?\s+by\s+(?:tasks\.)?(?:registering|creating)\s*\(\s*[\w.]*Flyway\w*Task::class\s*\)\s*\{/g;
  for (const match of text.matchAll(task)) {
    if (!/Flyway\w*Task/.test(match[0])) continue;
    const values = settingsOf(bodyAt(text, match.index + match[0].length), resolve);
    if (values.size > 0)
      alternatives.push({ from: `${from} (task ${match[1] ?? match[2] ?? match[3] ?? ''})`, values });
  }
  const named = [...properties].filter(([name]) => name.startsWith('flyway.'));
  if (named.length > 0)
    layers.push({
      from: `${folder}/gradle.properties`,
      values: new Map(named.map(([name, value]) => [name.slice('flyway.'.length), value])),
    });
  return { layers, alternatives };
}

/** Functions that make a value, which are called as a setting is set. */
const makers = new Set([
  'arrayOf',
  'listOf',
  'mutableListOf',
  'mapOf',
  'mutableMapOf',
  'hashMapOf',
  'to',
  'file',
  'files',
]);

function settingsOf(block: string, resolve: (value: string) => string): Map<string, string> {
  const values = new Map<string, string>();
  const strings = (text: string): string[] =>
    [...text.matchAll(/"([^"\n]*)"|'([^'\n]*)'/g)].map((match) => match[1] ?? match[2] ?? '');
  for (const { 1: name = '', index, 0: whole } of block.matchAll(
    /(?<![\w.])(\w+)(?:\.(?:set|addAll|putAll))?\s*(?:\+?=(?!=)\s*|\(\s*|[ \t]+(?=["'[]))/g,
  )) {
    if (makers.has(name)) continue;
    const rest = block.slice(index + whole.length);
    if (/^(?:placeholders|jdbcProperties|pluginConfiguration)$/.test(name)) {
      if (name === 'jdbcProperties') continue;
      const prefix = name === 'placeholders' ? 'placeholders.' : '';
      for (const [, quoted, bare, value = ''] of valueText(rest).matchAll(
        /(?:["']([^"'\n]+)["']|([\w.]+))\s*(?::|\bto\b|,)\s*["']([^"'\n]*)["']/g,
      ))
        values.set(prefix + (quoted ?? bare ?? ''), resolve(value));
    } else if (new RegExp(`^(?:${lists})$`).test(name)) {
      const found = strings(valueText(rest));
      if (found.length > 0) values.set(name, found.map(resolve).join(','));
    } else {
      const value = /^(?:["']([^"'\n]*)["']|(true|false|\d+)\b)/.exec(rest);
      if (value) values.set(name, resolve(value[1] ?? value[2] ?? ''));
    }
  }
  return values;
}

/** The value that begins here: to the bracket that closes it, else to the end of its line. */
function valueText(rest: string): string {
  const open = /^\s*(?:\w+\s*)?[[(]/.exec(rest);
  if (!open) return /^[^\n]*/.exec(rest)?.[0] ?? '';
  let depth = 0;
  for (let at = open[0].length - 1; at < rest.length; at++) {
    if (/[[(]/.test(rest.charAt(at))) depth++;
    if (/[\])]/.test(rest.charAt(at)) && --depth === 0) return rest.slice(0, at + 1);
  }
  return rest;
}

function* blocks(text: string, begin: RegExp): Generator<string> {
  for (const match of text.matchAll(begin)) yield bodyAt(text, match.index + match[0].length);
}

/** What stands from here to the brace that closes; blocks inside are left out, since they are about something else. */
function bodyAt(text: string, from: number): string {
  let body = '';
  let depth = 1;
  let quote = '';
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote !== '') quote = character === quote || character === '\n' ? '' : quote;
    else if (/["']/.test(character)) quote = character;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) break;
    if (depth === 1) body += character;
  }
  return body;
}

/** `def x = 'y'`, `val x = "y"`, `ext.x = 'y'`, `x = project.findProperty('z') ?: 'y'`. */
function variablesOf(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(
    /\b(?:def|val|var|String|ext\.|set\(\s*["'])\s*(\w+)["']?\s*(?::\s*String\s*)?[=,]\s*(?:[^"'\n]*\(\s*["'][^"'\n]*["']\s*\)(?:\s*as\s*String\??)?\s*\?:\s*)?["']([^"'\n]*)["']/g,
  ))
    values.set(name, value);
  return values;
}

function interpolate(value: string, folder: string, variables: ReadonlyMap<string, string>, depth = 0): string {
  const replaced = value
    .replace(/\$\{\s*(?:project\.)?file\(\s*["']?([^"')]+)["']?\s*\)[^}]*\}/g, `${folder}/$1`)
    .replace(
      /\$\{?(?:rootProject\.|project\.)?(?:layout\.projectDirectory|projectDir|rootDir|file\("\."\))(?:\.(?:absolutePath|path|asFile))*\}?/g,
      folder,
    )
    .replace(/\$\{?(?:project\.)?(?:buildDir|layout\.buildDirectory(?:\.get\(\))?)\}?/g, `${folder}/build`);
  return replaced.replace(
    /\$\{(?:project\.|ext\.)?([\w.]+)\}|\$(\w+)/g,
    (whole, braced: string | undefined, bare: string | undefined) => {
      const found = variables.get(braced ?? bare ?? '');
      if (found === undefined) return whole;
      return depth < 5 ? interpolate(found, folder, variables, depth + 1) : found;
    },
  );
}

/** Comments taken out; a `//` inside of a string is none. */
function withoutComments(content: string): string {
  return content.replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\*[\s\S]*?\*\/|\/\/.*/g, (match) =>
    match.startsWith('/') ? '' : match,
  );
}
