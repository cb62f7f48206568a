import type { FlywayConfig } from '../../flyway/flyway-config';
import type { Finding } from '../finding';
import type { LintScript } from '../lint-script';
import { suggestName } from '../suggest-name';

/** `flyway/skipped-name`: a file that looks like a migration and that Flyway ignores without a word. */
export function skippedName(script: LintScript, config: FlywayConfig): Finding[] {
  const { meaning, name, path } = script;
  if (meaning.kind !== 'invalid' && meaning.kind !== 'skipped') return [];
  const to = suggestName(name, config.naming);
  const fix = to === undefined ? {} : { fix: { kind: 'rename', to } as const };
  const what =
    meaning.kind === 'invalid' && config.validateMigrationNaming
      ? `Flyway stops at this file (validateMigrationNaming is on): ${meaning.reason}.`
      : `Flyway skips this file silently: ${meaning.reason}.`;
  const message = to === undefined ? what : `${what} Did you mean ${to}?`;
  const severity = meaning.kind === 'skipped' ? 'information' : config.validateMigrationNaming ? 'error' : 'warning';
  return [{ path, rule: 'flyway/skipped-name', severity, message, ...script.head, wholeFile: true, ...fix }];
}
