import { compareVersions, parseVersion, type MigrationVersion } from '../../../flyway/version';
import type { FlywayConfig } from '../../../flyway/flyway-config';
import type { Finding } from '../../finding';
import type { LintScript } from '../../lint-script';
import type { UndoPair } from '../../undo-pairs';

/** `rollback/chain-ends`: undo goes back from the last version to the first V without a U, and never behind it. */
export function chainEnds(pairs: readonly UndoPair[]): Finding[] {
  const versions = pairs.filter(({ versioned }) => versioned.meaning.kind === 'versioned');
  const at = versions.findLastIndex(({ undo }) => !undo);
  const gap = versions[at];
  const behind = versions.slice(0, at).filter(({ undo }) => undo !== undefined);
  // A last version without a U is a U that is missing; the chain ends where later versions have theirs.
  if (!gap || behind.length === 0 || at === versions.length - 1) return [];
  const { versioned } = gap;
  const count =
    behind.length === 1 ? 'One U script of an earlier version' : `${behind.length} U scripts of earlier versions`;
  return [
    {
      path: versioned.path,
      rule: 'rollback/chain-ends',
      severity: 'information',
      message: `The chain of undo scripts ends here: this version has none. ${count} cannot be reached by undoing one version after the other.`,
      ...versioned.head,
      wholeFile: true,
    },
  ];
}

/** `rollback/baselined-version`: the undo of a version that a baseline stands for; Flyway has no row of it to undo. */
export function baselinedVersion(scripts: readonly LintScript[], config: FlywayConfig): Finding[] {
  const baselines = scripts.flatMap(({ meaning }) => (meaning.kind === 'baseline' ? [meaning.version] : []));
  const configured = config.shown.some(({ name, from }) => name === 'baselineVersion' && from !== "Flyway's defaults");
  const own = configured ? parseVersion(config.baselineVersion) : undefined;
  const highest = [...baselines, ...(own ? [own] : [])].reduce<MigrationVersion | undefined>(
    (best, version) => (best && compareVersions(best, version) >= 0 ? best : version),
    undefined,
  );
  if (!highest) return [];
  return scripts.flatMap((script): Finding[] => {
    const { meaning } = script;
    if (meaning.kind !== 'undo' || compareVersions(meaning.version, highest) > 0) return [];
    const message = `The baseline ${highest.text} stands for this version: where it was applied, there is nothing that Flyway could undo.`;
    return [
      {
        path: script.path,
        rule: 'rollback/baselined-version',
        severity: 'information',
        message,
        ...script.head,
        wholeFile: true,
      },
    ];
  });
}

/** `flyway/undo-not-run`: U scripts in a project that runs the open-source Flyway; told once, at the first of them. */
export function undoNotRun(scripts: readonly LintScript[], config: FlywayConfig): Finding[] {
  const { value, from } = config.distribution;
  const undos = scripts.filter(({ meaning }) => meaning.kind === 'undo');
  const [first] = undos;
  if (value !== 'open-source' || !first) return [];
  const stops = config.validateMigrationNaming;
  const source = from.slice(from.lastIndexOf('/') + 1);
  const count = undos.length === 1 ? 'it' : `the ${undos.length} U scripts`;
  const message = stops
    ? `The open-source Flyway (${source}) knows no undo, and stops at ${count} since validateMigrationNaming is on.`
    : `The open-source Flyway (${source}) knows no undo and ignores ${count}: run them by hand, or with Redgate's distribution.`;
  return [
    {
      path: first.path,
      rule: 'flyway/undo-not-run',
      severity: stops ? 'error' : 'information',
      message,
      ...first.head,
      wholeFile: true,
    },
  ];
}
