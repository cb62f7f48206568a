import * as vscode from 'vscode';
import { tiers } from '../../core/health/check';
import { readDatabaseHistories, readTables } from '../../core/lint/read-database';
import type { TableFact } from '../../core/lint/table-facts';
import type { DatabaseReading } from '../../core/lint/worker-messages';
import { isAbort } from '../../core/ports/database-error';
import type { Disposable } from '../../core/ports/disposable';
import type { LintParts } from './register-lint';

/** A reading older than this is not current any more. In ms. */
const staleAfterMs = 2.5 * tiers.minute;
/** A server that is there and yet cannot be read is not asked again with each of its polls. In ms. */
const retryAfterMs = 3000;
/** For everything of one reading, opening the session included. In ms. */
const limitMs = 20_000;

/** What is known of the bound database. `unknown`: an old reading counts for nothing, and is told as such. */
export type BoundState =
  | { readonly kind: 'unbound' }
  | { readonly kind: 'reading'; readonly name: string }
  | { readonly kind: 'current'; readonly name: string; readonly at: number; readonly reading: DatabaseReading }
  | { readonly kind: 'unknown'; readonly name: string; readonly why: string; readonly lastAt: number | undefined };

/**
 * Reads the database that the workspace is bound to, over the one warm session of its connection: the history every minute,
 * sizes every quarter of an hour, while the window has the focus or monitoring runs.
 */
export class BoundDatabase implements vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changes.event;
  private current: BoundState = { kind: 'unbound' };
  private life = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private staleTimer: NodeJS.Timeout | undefined;
  private busy: Promise<void> | undefined;
  private connectionId: string | undefined;
  private tables: { readonly at: number; readonly facts: readonly TableFact[] } | undefined;
  private names: readonly string[] = ['flyway_schema_history'];
  private lastText = '';
  private lastAt: number | undefined;
  private triedAt = 0;
  private readonly subscriptions: readonly Disposable[];

  constructor(private readonly parts: Pick<LintParts, 'binding' | 'monitor' | 'disconnections' | 'log'>) {
    const { binding, monitor } = parts;
    this.subscriptions = [
      binding.onDidChange(() => this.follow()),
      // A person connects or disconnects it, or it is lost: told at once.
      monitor.onDidChange((id) => {
        if (id === this.connectionId) this.followMonitor();
      }),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused && this.isDue(tiers.minute / 4)) void this.refresh();
      }),
    ];
    this.follow();
  }

  get state(): BoundState {
    return this.current;
  }

  /** The history tables of the workspace's projects; another name is looked up at once. */
  setHistoryTables(names: readonly string[]): void {
    const wanted = [...new Set(['flyway_schema_history', ...names])].sort();
    if (wanted.join('\0') === this.names.join('\0')) return;
    this.names = wanted;
    if (this.connectionId !== undefined) void this.refresh();
  }

  /** Reads now; what is on its way is waited for first. */
  async refresh(): Promise<void> {
    while (this.busy) await this.busy;
    const { life } = this;
    const reading = this.read(life.signal).finally(() => {
      if (this.busy === reading) this.busy = undefined;
      if (this.life === life) this.schedule();
    });
    this.busy = reading;
    await reading;
  }

  dispose(): void {
    this.life.abort();
    clearTimeout(this.timer);
    clearTimeout(this.staleTimer);
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changes.dispose();
  }

  /** The binding, or its connection, is another one: nothing of before counts. */
  private follow(): void {
    const { connection } = this.parts.binding;
    this.life.abort();
    this.life = new AbortController();
    this.busy = undefined;
    clearTimeout(this.timer);
    clearTimeout(this.staleTimer);
    this.connectionId = connection?.id;
    this.tables = undefined;
    this.lastText = '';
    this.lastAt = undefined;
    this.enter(connection ? { kind: 'reading', name: connection.name } : { kind: 'unbound' });
    if (connection) void this.refresh();
  }

  private followMonitor(): void {
    const { connectionId, current } = this;
    if (connectionId === undefined || this.busy) return;
    const { status, statusReason } = this.parts.monitor.snapshot(connectionId);
    if (status === 'unreachable' && current.kind === 'current') this.lose(statusReason);
    else if (this.parts.disconnections.has(connectionId) && current.kind === 'current') this.lose(disconnected());
    else if (['ok', 'warning', 'critical', 'limited'].includes(status) && current.kind === 'unknown')
      this.schedule(Math.max(0, this.triedAt + retryAfterMs - Date.now()));
  }

  private async read(signal: AbortSignal): Promise<void> {
    this.triedAt = Date.now();
    const { connection } = this.parts.binding;
    if (!connection) return;
    const { id, name } = connection;
    // Who has disconnected it does not want it opened by this.
    if (this.parts.disconnections.has(id)) {
      this.lose(disconnected());
      return;
    }
    const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
    try {
      const session = await this.parts.monitor.session(id, limit);
      const { histories, currentSchema } = await readDatabaseHistories(session, this.names, limit);
      if (!this.tables || Date.now() - this.tables.at >= tiers.quarter)
        this.tables = { at: Date.now(), facts: await readTables(session, limit) };
      if (signal.aborted) return;
      const { major } = session.capabilities;
      this.succeed({ name, major, currentSchema, tables: this.tables.facts, histories });
    } catch (error) {
      if (signal.aborted) return;
      if (isAbort(error)) this.lose(vscode.l10n.t('it gave no answer within {0} s', limitMs / 1000));
      else this.lose(error instanceof Error ? error.message : String(error));
    }
  }

  private succeed(reading: DatabaseReading): void {
    const at = Date.now();
    this.lastAt = at;
    clearTimeout(this.staleTimer);
    this.staleTimer = setTimeout(
      () => this.lose(vscode.l10n.t('it was not read for {0} s', Math.round(staleAfterMs / 1000))),
      staleAfterMs,
    );
    // The same object as long as it says the same: lint begins anew with another one.
    const text = JSON.stringify(reading);
    const { current } = this;
    if (current.kind === 'current' && text === this.lastText) {
      this.current = { ...current, at };
      return;
    }
    this.lastText = text;
    this.enter({ kind: 'current', name: reading.name, at, reading });
  }

  private lose(why: string): void {
    clearTimeout(this.staleTimer);
    const { current } = this;
    if (current.kind === 'unbound' || (current.kind === 'unknown' && current.why === why)) return;
    this.parts.log.warn(`Migrations: the bound database ${current.name} is not known now: ${why}`);
    this.enter({ kind: 'unknown', name: current.name, why, lastAt: this.lastAt });
  }

  private isDue(afterMs: number): boolean {
    return this.connectionId !== undefined && Date.now() - (this.lastAt ?? 0) >= afterMs;
  }

  private schedule(inMs = this.current.kind === 'unknown' ? tiers.minute / 4 : tiers.minute): void {
    clearTimeout(this.timer);
    if (this.connectionId === undefined) return;
    this.timer = setTimeout(() => {
      if (vscode.window.state.focused || this.parts.monitor.polls) void this.refresh();
      else this.schedule();
    }, inMs);
  }

  private enter(state: BoundState): void {
    this.current = state;
    this.changes.fire();
  }
}

function disconnected(): string {
  return vscode.l10n.t('it was disconnected; connect it in the tree');
}
