import type { FileName } from './file-name';
import { compareVersions, parseVersion, versionKey, type MigrationVersion } from './version';

/** One row of `flyway_schema_history`. */
export interface HistoryRow {
  readonly installedRank: number;
  readonly version: string | null;
  readonly description: string;
  readonly type: string;
  readonly script: string;
  readonly checksum: number | null;
  readonly success: boolean;
}

/**
 * A script of the project. `checksums`: those that count as its own; a repeatable script has two, replaced and raw; one that
 * cannot be read has none, and is not said to be another than the applied one.
 */
export interface ResolvedScript {
  readonly path: string;
  readonly meaning: FileName;
  readonly checksums: readonly number[];
  readonly shouldExecute: boolean;
}

/** Flyway's names of the states, as its info command prints them. */
export type MigrationState =
  | 'Pending'
  | 'Ignored'
  | 'Below Baseline'
  | 'Above Target'
  | 'Available'
  | 'Success'
  | 'Baseline'
  | 'Undone'
  | 'Deleted'
  | 'Failed'
  | 'Missing'
  | 'Failed (Missing)'
  | 'Future'
  | 'Failed (Future)'
  | 'Out of Order'
  | 'Outdated'
  | 'Superseded';

/** What Flyway would say of a script, of a row, or of both when they belong together. */
export interface MigrationInfo {
  readonly state: MigrationState;
  readonly script: ResolvedScript | undefined;
  readonly row: HistoryRow | undefined;
  /** The script is not what was applied: Flyway's validate stops. */
  readonly edited: boolean;
}

export interface HistorySettings {
  readonly outOfOrder: boolean;
  /** A version, or undefined for the latest. */
  readonly target: string | undefined;
  /** What validate and repair pass over, as `type:status`; Flyway's own `*:future` where it is missing. */
  readonly ignorePatterns?: readonly string[];
}

interface Applied {
  readonly row: HistoryRow;
  readonly version: MigrationVersion | undefined;
  readonly key: string;
}

/** The states of all scripts and rows, rows first in their order, as `flyway info` finds them. */
export function historyStates(
  scripts: readonly ResolvedScript[],
  rows: readonly HistoryRow[],
  settings: HistorySettings,
): MigrationInfo[] {
  return new History(scripts, rows, settings).states();
}

class History {
  private readonly applied: readonly Applied[];
  private readonly byKey = new Map<string, ResolvedScript>();
  private readonly highestResolved: MigrationVersion | undefined;
  private readonly baseline: MigrationVersion | undefined;
  /** Live versioned rows: applied, and neither undone nor deleted since. */
  private readonly live: readonly Applied[];
  private readonly highestLive: MigrationVersion | undefined;
  /** Live rows that stand behind one of a higher version. */
  private readonly outOfOrder = new Set<HistoryRow>();
  private readonly rowsByKey = new Map<string, Applied[]>();
  /** The last successful undo and the last deletion of a version, by rank; of a repeatable by its description. */
  private readonly undoneAt = new Map<string, number>();
  private readonly deletedAt = new Map<string, number>();
  private readonly lastOfVersion = new Map<string, HistoryRow>();
  private readonly latestRepeatable = new Map<string, HistoryRow>();

  constructor(
    private readonly scripts: readonly ResolvedScript[],
    rows: readonly HistoryRow[],
    private readonly settings: HistorySettings,
  ) {
    this.applied = [...rows]
      .sort((a, b) => a.installedRank - b.installedRank)
      .map((row) => {
        const version = row.version === null ? undefined : parseVersion(row.version);
        return { row, version, key: keyOfRow(row, version) };
      });
    for (const one of this.applied) this.remember(one);
    for (const script of scripts) this.byKey.set(keyOfScript(script.meaning), script);
    this.highestResolved = highest(
      scripts.flatMap(({ meaning }) => (meaning.kind === 'versioned' ? [meaning.version] : [])),
    );
    this.baseline = highest(
      this.applied.flatMap(({ row, version }) => (version && isBaseline(row.type) && row.success ? [version] : [])),
    );
    this.live = this.applied.filter(
      (one) => one.version && isVersionedRow(one.row) && !this.isUndone(one) && !this.isDeleted(one),
    );
    let before: MigrationVersion | undefined;
    for (const { row, version } of this.live) {
      if (!version) continue;
      if (before && compareVersions(before, version) > 0) this.outOfOrder.add(row);
      else before = version;
    }
    this.highestLive = before;
  }

  private remember(one: Applied): void {
    const { row, version, key } = one;
    const others = this.rowsByKey.get(key);
    if (others) others.push(one);
    else this.rowsByKey.set(key, [one]);
    const subject = version ? versionKey(version) : `R ${row.description}`;
    if (version) this.lastOfVersion.set(subject, row);
    else if (row.type !== 'SCHEMA' && row.type !== 'DELETE') this.latestRepeatable.set(row.description, row);
    if (version && row.type.startsWith('UNDO_') && row.success) this.undoneAt.set(subject, row.installedRank);
    if (row.type === 'DELETE') this.deletedAt.set(subject, row.installedRank);
  }

  states(): MigrationInfo[] {
    const infos = this.applied
      .filter(({ row }) => row.type !== 'SCHEMA')
      .map((one): MigrationInfo => {
        const script = this.byKey.get(one.key);
        const state = this.stateOfRow(one, script);
        return { state, script, row: one.row, edited: isEdited(one.row, script, state) };
      });
    const rest = this.scripts.flatMap((script): MigrationInfo[] => {
      const state = this.stateOfScript(script);
      return state === undefined ? [] : [{ state, script, row: undefined, edited: false }];
    });
    return [...infos, ...rest];
  }

  private stateOfRow(one: Applied, script: ResolvedScript | undefined): MigrationState {
    const { row, version } = one;
    if (this.isUndone(one)) return 'Undone';
    if (this.isDeleted(one)) return 'Deleted';
    if (row.type === 'DELETE') return 'Success';
    if (row.type === 'BASELINE') return 'Baseline';
    if (row.type.startsWith('UNDO_')) return row.success ? 'Success' : 'Failed';
    if (!script) {
      const below =
        version === undefined ||
        (this.highestResolved !== undefined && compareVersions(version, this.highestResolved) < 0);
      return below ? (row.success ? 'Missing' : 'Failed (Missing)') : row.success ? 'Future' : 'Failed (Future)';
    }
    if (!row.success) return 'Failed';
    if (version === undefined) return this.stateOfRepeatable(row, script);
    if (isBaseline(row.type)) return 'Baseline';
    return this.outOfOrder.has(row) ? 'Out of Order' : 'Success';
  }

  private stateOfRepeatable(row: HistoryRow, script: ResolvedScript): MigrationState {
    const latest = this.latestRepeatable.get(row.description);
    if (latest !== row) return 'Superseded';
    return isSameText(script, row.checksum) ? 'Success' : 'Outdated';
  }

  /** The state of a script without a row of its own; undefined when its row tells. */
  private stateOfScript(script: ResolvedScript): MigrationState | undefined {
    const { meaning, shouldExecute } = script;
    if (meaning.kind === 'undo') return this.wasUndone(meaning.version) ? undefined : 'Available';
    if (meaning.kind === 'repeatable') {
      const latest = this.latestRepeatable.get(meaning.description);
      if (!latest) return shouldExecute ? 'Pending' : 'Ignored';
      // A changed text is run again: it is pending beside its outdated row.
      return latest.success && isSameText(script, latest.checksum) ? undefined : 'Pending';
    }
    if (meaning.kind !== 'versioned' && meaning.kind !== 'baseline') return undefined;
    const own = this.rowsByKey.get(keyOfScript(meaning)) ?? [];
    // Undone or deleted: it may run again.
    if (own.some((one) => !this.isUndone(one) && !this.isDeleted(one))) return undefined;
    if (!shouldExecute) return 'Ignored';
    const { version } = meaning;
    if (this.baseline && compareVersions(version, this.baseline) <= 0 && meaning.kind === 'versioned')
      return 'Below Baseline';
    const target = this.settings.target === undefined ? undefined : parseVersion(this.settings.target);
    if (target && target.predefined === undefined && compareVersions(version, target) > 0) return 'Above Target';
    if (meaning.kind === 'baseline') return this.live.length > 0 ? 'Ignored' : 'Available';
    const last = this.highestLive;
    return last && compareVersions(version, last) < 0 && !this.settings.outOfOrder ? 'Ignored' : 'Pending';
  }

  /** Whether a later undo of the same version has taken a row back. */
  private isUndone(one: Applied): boolean {
    const { row, version } = one;
    if (!version || row.type.startsWith('UNDO_') || !isVersionedRow(row)) return false;
    return (this.undoneAt.get(versionKey(version)) ?? -Infinity) > row.installedRank;
  }

  private wasUndone(version: MigrationVersion): boolean {
    return this.lastOfVersion.get(versionKey(version))?.type.startsWith('UNDO_') === true;
  }

  /** Whether a later row marks it as deleted: `flyway repair` does that with what is missing. */
  private isDeleted({ row, version }: Applied): boolean {
    if (row.type === 'DELETE') return false;
    const subject = version ? versionKey(version) : `R ${row.description}`;
    return (this.deletedAt.get(subject) ?? -Infinity) > row.installedRank;
  }
}

/** Whether the applied text was another: checksums of versioned rows above the baseline, of baselines and undos. */
function isEdited(row: HistoryRow, script: ResolvedScript | undefined, state: MigrationState): boolean {
  if (!script || row.checksum === null || state === 'Undone' || state === 'Deleted' || row.version === null)
    return false;
  return !isSameText(script, row.checksum);
}

function isSameText({ checksums }: ResolvedScript, applied: number | null): boolean {
  return checksums.length === 0 || (applied !== null && checksums.includes(applied));
}

function isBaseline(type: string): boolean {
  return type === 'BASELINE' || type.endsWith('_BASELINE');
}

function isVersionedRow({ type }: HistoryRow): boolean {
  return ['SQL', 'JDBC', 'SCRIPT', 'SPRING_JDBC', 'CUSTOM'].includes(type) || isBaseline(type);
}

/** Rows and scripts belong together by version and type; repeatable ones by their description. */
function keyOfRow(row: HistoryRow, version: MigrationVersion | undefined): string {
  if (!version) return `R ${row.description}`;
  const kind = row.type.startsWith('UNDO_') ? 'U' : isBaseline(row.type) && row.type !== 'BASELINE' ? 'B' : 'V';
  return `${kind} ${versionKey(version)}`;
}

function keyOfScript(meaning: FileName): string {
  switch (meaning.kind) {
    case 'versioned':
      return `V ${versionKey(meaning.version)}`;
    case 'undo':
      return `U ${versionKey(meaning.version)}`;
    case 'baseline':
      return `B ${versionKey(meaning.version)}`;
    case 'repeatable':
      return `R ${meaning.description}`;
    case 'callback':
    case 'skipped':
    case 'invalid':
      return '';
  }
}

function highest(versions: readonly MigrationVersion[]): MigrationVersion | undefined {
  return versions.reduce<MigrationVersion | undefined>(
    (best, version) => (best && compareVersions(best, version) >= 0 ? best : version),
    undefined,
  );
}
