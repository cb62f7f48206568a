import { parseFileName, scanFileName } from '../../../src/core/flyway/file-name';
import { buildConfig, type FlywayConfig } from '../../../src/core/flyway/flyway-config';
import type { Finding } from '../../../src/core/lint/finding';
import { lintProject, newMemory, type LintOptions } from '../../../src/core/lint/lint-project';
import { LintScript } from '../../../src/core/lint/lint-script';
import type { Grammar } from '../../../src/core/sql/grammar';

export const plainConfig: FlywayConfig = buildConfig([], { value: ['filesystem:sql'], from: 'the test' });

/** A script that is nowhere on the disk. `config` is what differs from Flyway's defaults. */
export function memoryScript(
  name: string,
  text: string,
  grammar: Grammar,
  config: Partial<FlywayConfig> = {},
): LintScript {
  const meaning = scanFileName(name);
  if (meaning.kind === 'skipped' || parseFileName(name).kind === 'invalid') throw new Error(`Flyway skips ${name}`);
  const found = { path: name, name, meaning, text, problem: undefined, configProblems: [] };
  return new LintScript({ ...found, config: { ...plainConfig, ...config } }, grammar);
}

/** The findings of scripts by name, in the order of names. */
export function lintTexts(
  texts: Readonly<Record<string, string | { readonly text: string; readonly config: Partial<FlywayConfig> }>>,
  grammar: Grammar,
  options: Partial<LintOptions> = {},
): Finding[] {
  const scripts = Object.entries(texts).map(([name, given]) =>
    typeof given === 'string'
      ? memoryScript(name, given, grammar)
      : memoryScript(name, given.text, grammar, given.config),
  );
  return lintProject(scripts, plainConfig, { requireReason: true, severities: {}, ...options }, newMemory(grammar));
}
