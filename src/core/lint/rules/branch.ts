import { checksum } from '../../flyway/checksum';
import type { FlywayConfig } from '../../flyway/flyway-config';
import { scanFileName } from '../../flyway/file-name';
import { compareVersions, type MigrationVersion } from '../../flyway/version';
import type { Finding } from '../finding';
import type { LintScript } from '../lint-script';

/** What a branch of git holds, below the folder that is linted. Paths are absolute. */
export interface BranchState {
  /** For sentences: "main". */
  readonly name: string;
  readonly present: ReadonlySet<string>;
  /** The branch's text of the files that differ here. */
  readonly changed: ReadonlyMap<string, string>;
}

/** The scripts that are not on a branch, or differ from it. */
export function pendingOn(scripts: readonly { readonly path: string }[], branch: BranchState): Set<string> {
  const paths = scripts.map(({ path }) => path);
  return new Set(paths.filter((path) => !branch.present.has(path) || branch.changed.has(path)));
}

/** `flyway/out-of-order`: a new version below one that is on the branch, which Flyway ignores where that one was applied. */
export function outOfOrder(scripts: readonly LintScript[], config: FlywayConfig, branch: BranchState): Finding[] {
  if (config.outOfOrder) return [];
  let highest: { readonly version: MigrationVersion; readonly name: string } | undefined;
  const folders = new Set(scripts.map(({ path }) => path.slice(0, path.lastIndexOf('/'))));
  for (const path of branch.present) {
    if (!folders.has(path.slice(0, path.lastIndexOf('/')))) continue;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const meaning = scanFileName(name, config.naming);
    if (meaning.kind !== 'versioned') continue;
    if (!highest || compareVersions(meaning.version, highest.version) > 0) highest = { version: meaning.version, name };
  }
  if (!highest) return [];
  const last = highest;
  return scripts.flatMap((script): Finding[] => {
    const { meaning, path } = script;
    if (meaning.kind !== 'versioned' || branch.present.has(path) || compareVersions(meaning.version, last.version) >= 0)
      return [];
    const message = `${last.name} is on ${branch.name} already: where it was applied, Flyway ignores this lower version without a word. Give it a version above ${last.version.text}, or set outOfOrder.`;
    return [{ path, rule: 'flyway/out-of-order', severity: 'warning', message, ...script.head, wholeFile: true }];
  });
}

/** `flyway/edited-after-applied`: a versioned script of the branch whose checksum is another here. */
export function editedAfterApplied(scripts: readonly LintScript[], branch: BranchState): Finding[] {
  return scripts.flatMap((script): Finding[] => {
    const before = branch.changed.get(script.path);
    if (
      before === undefined ||
      script.isUnreadable ||
      (script.meaning.kind !== 'versioned' && script.meaning.kind !== 'baseline')
    )
      return [];
    const [old, now] = [checksum(before), checksum(script.text)];
    if (old === now) return [];
    const message = `This is on ${branch.name} with another text (checksum ${old}, here ${now}): where it was applied, Flyway stops. Put the text back and write the change as a new version.`;
    return [
      {
        path: script.path,
        rule: 'flyway/edited-after-applied',
        severity: 'warning',
        message,
        ...script.head,
        wholeFile: true,
      },
    ];
  });
}
