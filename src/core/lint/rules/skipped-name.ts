import { parseFileName } from '../../flyway/file-name';
import type { FlywayConfig } from '../../flyway/flyway-config';
import type { Finding } from '../finding';
import type { LintScript } from '../lint-script';
import { suggestName } from '../suggest-name';
import { identityOf } from './duplicates';

/** `flyway/skipped-name`: files that look like migrations and that Flyway ignores without a word. */
export function skippedNames(scripts: readonly LintScript[], config: FlywayConfig): Finding[] {
  const taken = new Map(scripts.map((script) => [identityOf(script.meaning), script.name]));
  return scripts.flatMap((script): Finding[] => {
    const { meaning, name, path } = script;
    // A .conf without a script is another rule's.
    if ((meaning.kind !== 'invalid' && meaning.kind !== 'skipped') || script.configProblems.length > 0) return [];
    const stops = meaning.kind === 'invalid' && config.validateMigrationNaming;
    const what = stops
      ? `Flyway stops at this file (validateMigrationNaming is on): ${meaning.reason}.`
      : `Flyway skips this file silently: ${meaning.reason}.`;
    // Another suffix may be meant: a copy put aside. Only a name that was to be read is put right.
    const to = meaning.kind === 'invalid' ? suggestName(name, config.naming) : undefined;
    const other = to === undefined ? undefined : taken.get(identityOf(parseFileName(to, config.naming)) ?? '');
    const advice =
      to === undefined ? '' : other === undefined ? ` Did you mean ${to}?` : ` ${to} would be the same as ${other}.`;
    return [
      {
        path,
        rule: 'flyway/skipped-name',
        severity: meaning.kind === 'skipped' ? 'information' : stops ? 'error' : 'warning',
        message: what + advice,
        ...script.head,
        wholeFile: true,
        ...(to !== undefined && other === undefined && { fix: { kind: 'rename', to } as const }),
      },
    ];
  });
}
