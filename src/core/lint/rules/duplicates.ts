import type { CodeMigration } from '../../flyway/code-migrations';
import type { FileName } from '../../flyway/file-name';
import { versionKey } from '../../flyway/version';
import type { Finding } from '../finding';
import { LintScript } from '../lint-script';

/** `flyway/duplicate-version` and `flyway/duplicate-repeatable`: two of one kind that Flyway cannot tell apart. */
export function duplicates(scripts: readonly LintScript[], classes: readonly CodeMigration[]): Finding[] {
  const groups = new Map<string, (LintScript | CodeMigration)[]>();
  for (const script of [...scripts, ...classes]) {
    const key = identityOf(script.meaning);
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), script]);
  }
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .flatMap((group) =>
      group.flatMap((script) =>
        script instanceof LintScript
          ? [
              finding(
                script,
                group.filter((other) => other !== script),
              ),
            ]
          : [],
      ),
    );
}

/** V, B and U of one version live together; repeatables are told apart by their description. */
export function identityOf(meaning: FileName): string | undefined {
  if (meaning.kind === 'versioned' || meaning.kind === 'undo' || meaning.kind === 'baseline')
    return `${meaning.kind} ${versionKey(meaning.version)}`;
  return meaning.kind === 'repeatable' ? `repeatable ${meaning.description}` : undefined;
}

function finding(script: LintScript, others: readonly (LintScript | CodeMigration)[]): Finding {
  const { meaning } = script;
  const names = others.map((other) => other.name).join(', ');
  const repeatable = meaning.kind === 'repeatable';
  const message = repeatable
    ? `Flyway stops: ${names} has the same description "${meaning.description}", and repeatable migrations are told apart by it.`
    : `Flyway stops: ${names} has the same version${'version' in meaning ? ` ${meaning.version.text}` : ''} (versions are compared as numbers, zeros at the end do not count).`;
  return {
    path: script.path,
    rule: repeatable ? 'flyway/duplicate-repeatable' : 'flyway/duplicate-version',
    severity: 'error',
    message,
    ...script.head,
    wholeFile: true,
    related: others.map((other) => ({ path: other.path, message: 'The other one' })),
  };
}
