import {
  historyStates,
  type HistoryRow,
  type MigrationInfo,
  type MigrationState,
  type ResolvedScript,
} from '../../flyway/history-states';
import { compareVersions, parseVersion } from '../../flyway/version';
import type { Finding } from '../finding';
import type { LintScript } from '../lint-script';

/** What the history of one database says of a project's scripts. */
export interface AppliedState {
  /** The connection, for sentences. */
  readonly name: string;
  readonly infos: readonly MigrationInfo[];
  /** Paths of the scripts that Flyway may still run. */
  readonly pending: ReadonlySet<string>;
}

/** States in which a script has run and will not run again as it is. */
const ran: readonly MigrationState[] = ['Success', 'Out of Order', 'Baseline', 'Superseded', 'Deleted'];
/** States in which Flyway passes a script over, whatever it holds. */
const passedOver: readonly MigrationState[] = ['Below Baseline'];

/** The states of a project's scripts in a history, and which of them are still to be looked at for what they will do. */
export function appliedState(name: string, scripts: readonly LintScript[], rows: readonly HistoryRow[]): AppliedState {
  const config = scripts[0]?.config;
  const infos = historyStates(scripts.map(resolved), rows, {
    outOfOrder: config?.outOfOrder ?? false,
    target: config?.target,
  });
  const pending = new Set(scripts.map(({ path }) => path));
  for (const { script, state } of infos)
    if (script && (ran.includes(state) || passedOver.includes(state))) pending.delete(script.path);
  // An outdated repeatable or an undone version stands twice: the later word is that it runs again.
  for (const { script, state } of infos) if (script && state === 'Pending') pending.add(script.path);
  return { name, infos, pending };
}

function resolved({ path, meaning, checksums, config }: LintScript): ResolvedScript {
  return { path, meaning, checksums, shouldExecute: config.shouldExecute?.trim().toLowerCase() !== 'false' };
}

/** `flyway/out-of-order` and `flyway/edited-after-applied`, by what a database has really applied. */
export function historyFindings(scripts: readonly LintScript[], { name, infos }: AppliedState): Finding[] {
  const byPath = new Map(scripts.map((script) => [script.path, script]));
  const last = lastApplied(infos);
  return infos.flatMap((info): Finding[] => {
    const script = info.script && byPath.get(info.script.path);
    if (!script) return [];
    const place = { path: script.path, ...script.head, wholeFile: true };
    if (info.state === 'Ignored' && last !== undefined && info.script.shouldExecute && 'version' in script.meaning) {
      const message = `Version ${last} is applied on ${name} already: Flyway ignores this lower version there without a word. Give it a version above ${last}, or set outOfOrder.`;
      return [{ ...place, rule: 'flyway/out-of-order', severity: 'warning', message }];
    }
    if (info.edited && info.row) {
      const here = info.script.checksums[0] ?? 0;
      const message = `Edited after it was applied on ${name}: the checksum there is ${info.row.checksum ?? 'none'}, here ${here}. Flyway's validate stops. Put the text back, and write the change as a new version.`;
      return [{ ...place, rule: 'flyway/edited-after-applied', severity: 'error', message }];
    }
    return [];
  });
}

/** The highest version that is applied and not undone. */
function lastApplied(infos: readonly MigrationInfo[]): string | undefined {
  const versions = infos.flatMap(({ row, state }) => {
    const version = row && ran.includes(state) && state !== 'Deleted' ? parseVersion(row.version ?? '') : undefined;
    return version && row && !row.type.startsWith('UNDO') ? [version] : [];
  });
  const [highest] = versions.sort((a, b) => compareVersions(b, a));
  return highest?.text;
}
