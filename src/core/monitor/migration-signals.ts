import type { MigrationState } from '../flyway/history-states';
import { formatCount } from '../format/quantities';
import { measured, stated } from '../health/finding';
import { tiers } from '../health/check';
import type { Finding, NumericSignal, SignalAbout, SignalOutcome } from '../health/signal';
import { sourceOutcome } from '../pool/pool-findings';
import type { ChainPath } from '../pooler/chain';
import { Emitter, type Event } from '../ports/emitter';
import type { Disposable } from '../ports/disposable';
import type { AttachedSignals } from './attached-signals';

/** A Flyway project of the workspace against the history of the database that the workspace is bound to. */
export interface BoundProject {
  /** Its folder, for sentences where there are several. */
  readonly name: string;
  /** Why nothing can be said of it; undefined where the history is known. */
  readonly unknown: string | undefined;
  /** As Flyway's info would list the scripts; a script may stand there twice. */
  readonly scripts: readonly { readonly script: string; readonly state: MigrationState; readonly edited: boolean }[];
}

/** What the workspace's migrations are on its bound connection. */
export interface BoundMigrations {
  readonly connectionId: string;
  /** When the history was read, in ms since the epoch; null: not yet. */
  readonly at: number | null;
  /** Why the history is not current; null when it is. */
  readonly problem: string | null;
  readonly projects: readonly BoundProject[];
}

/** Gives the scripts with their states; whoever reads the workspace implements it. Undefined where nothing is bound. */
export interface BoundMigrationsSource {
  current(): BoundMigrations | undefined;
  readonly onDidChange: Event<void>;
}

const about: SignalAbout = {
  id: 'migrations',
  group: 'migrations',
  title: 'Migrations of the workspace',
  explanation:
    'The scripts of this workspace against the Flyway history of the database it is bound to: what would still run, and what is not as it was applied.',
  runbook: 'migration-failure',
  tierMs: tiers.minute,
};

const listed = 10;

/**
 * Pending, ignored and edited migrations of the bound workspace as signals of its connection. What failed is told by the
 * check of the history itself, which needs no workspace.
 */
export class MigrationSignals implements AttachedSignals, Disposable {
  private readonly changes = new Emitter<string>();
  readonly onDidChange = this.changes.event;
  private readonly subscription: Disposable;
  private told: string | undefined;

  constructor(private readonly source: BoundMigrationsSource) {
    this.told = source.current()?.connectionId;
    this.subscription = source.onDidChange(() => {
      const before = this.told;
      this.told = source.current()?.connectionId;
      for (const id of new Set([before, this.told])) if (id !== undefined) this.changes.fire(id);
    });
  }

  outcomes(connectionId: string): readonly SignalOutcome[] {
    const bound = this.source.current();
    if (bound?.connectionId !== connectionId) return [];
    const { at, problem, projects } = bound;
    const several = projects.length > 1;
    const findings = projects.flatMap((project) => projectFindings(project, several ? `${project.name}: ` : ''));
    return [sourceOutcome(about, findings, at, '', problem)];
  }

  numbers(): readonly NumericSignal[] {
    return [];
  }

  chain(): readonly ChainPath[] {
    return [];
  }

  dispose(): void {
    this.subscription.dispose();
    this.changes.dispose();
  }
}

function projectFindings({ name, unknown, scripts }: BoundProject, prefix: string): Finding[] {
  if (unknown !== undefined) {
    return [
      measured('migrations.pending', name, null, 'count', null, {
        severity: 'unknown',
        words: `${prefix}pending migrations are not known`,
        lines: [`${unknown}.`],
      }),
    ];
  }
  const of = (...states: readonly MigrationState[]): readonly string[] => [
    ...new Set(scripts.filter(({ state }) => states.includes(state)).map(({ script }) => script)),
  ];
  const pending = of('Pending');
  const ignored = of('Ignored');
  const edited = [...new Set(scripts.filter((one) => one.edited).map(({ script }) => script))];
  // Pending is what a deployment is for: it is shown, and colors nothing.
  const severity = pending.length > 0 ? 'hint' : 'ok';
  return [
    measured('migrations.pending', name, pending.length, 'count', null, {
      severity,
      words: `${prefix}${pending.length === 0 ? 'nothing pending' : `${pending.length} pending`}`,
      lines: pending.length === 0 ? [] : ['Flyway would run, in this order:', ...shortened(pending)],
    }),
    ...few(edited, 'migrations.edited', name, prefix, 'edited after it ran', 'edited after they ran', [
      "Flyway's validate stops at a checksum that differs. Put the text back, and write the change as a new version.",
    ]),
    ...few(ignored, 'migrations.ignored', name, prefix, 'ignored: below the latest', 'ignored: below the latest', [
      'A higher version is applied: Flyway passes these over without a word. Give them a higher version, or set outOfOrder.',
    ]),
  ];
}

/** One finding for all scripts that have the same trouble; none where no script has it. */
function few(
  scripts: readonly string[],
  signal: string,
  subject: string,
  prefix: string,
  one: string,
  many: string,
  lines: readonly string[],
): Finding[] {
  const [first] = scripts;
  if (first === undefined) return [];
  const words = scripts.length === 1 ? `${first} ${one}` : `${formatCount(scripts.length, 'migration')} ${many}`;
  const said = { words: `${prefix}${words}`, lines: [...lines, ...shortened(scripts)] };
  return [{ ...stated(signal, subject, 'warning', said), value: scripts.length }];
}

function shortened(scripts: readonly string[]): readonly string[] {
  const more = scripts.length - listed;
  return [...scripts.slice(0, listed), ...(more > 0 ? [`and ${more} more.`] : [])];
}
