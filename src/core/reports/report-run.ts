import type { Clock } from '../ports/clock';
import type { Connections } from '../ports/connections';
import { DatabaseError, isAbort } from '../ports/database-error';
import type { Disposable } from '../ports/disposable';
import { Emitter } from '../ports/emitter';
import type { Log } from '../ports/log';
import type { Prompts } from '../ports/prompts';
import type { ReportDocument, RowAddress, RowDetail } from './document';
import type { ChosenOptions, Reading, Report } from './report';
import { withReportSession } from './report-session';

/** What a run is doing. A failure or a cancel leaves the last document standing. */
export interface RunState {
  readonly phase: 'loading' | 'idle' | 'failed' | 'cancelled';
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly error: unknown;
  readonly action: { readonly what: string; readonly address: RowAddress } | null;
  readonly message: string | null;
}

export interface RunParts {
  readonly connections: Connections;
  readonly prompts: Prompts;
  readonly clock: Clock;
  readonly log: Log;
  /** Puts a text on the clipboard. */
  readonly copy: (text: string) => Promise<void>;
}

/** One report on one connection: reads, is read again, is cancelled, acts on a row. One reading and one action at a time. */
export class ReportRun implements Disposable {
  private readonly stateChanges = new Emitter<void>();
  private readonly documentChanges = new Emitter<ReportDocument>();
  readonly onDidChangeState = this.stateChanges.event;
  readonly onDidChangeDocument = this.documentChanges.event;
  private reading: Reading | undefined;
  private loading: AbortController | undefined;
  private acting: AbortController | undefined;
  state: RunState;

  constructor(
    readonly report: Report,
    readonly connectionId: string,
    private options: ChosenOptions,
    private readonly parts: RunParts,
  ) {
    this.state = { phase: 'cancelled', since: parts.clock.now(), error: null, action: null, message: null };
  }

  get document(): ReportDocument | undefined {
    return this.reading?.document;
  }

  get connectionName(): string {
    return this.parts.connections.profiles.find(this.connectionId)?.name ?? this.document?.connection.name ?? '';
  }

  /** Reads anew; a reading under way is given up. Resolves when it is over, however it went. */
  async refresh(): Promise<void> {
    this.loading?.abort();
    const loading = new AbortController();
    this.loading = loading;
    this.change({ phase: 'loading', error: null, message: null });
    try {
      let preview: Reading | undefined;
      const reading = await this.read(loading.signal, (given) => {
        if (this.loading !== loading || loading.signal.aborted) return;
        preview = given;
        this.take(given);
      });
      if (this.loading !== loading) return;
      // The rows are the same.
      if (this.reading === preview) this.show(reading);
      else this.take(reading);
      this.change({ phase: 'idle' });
    } catch (error) {
      if (this.loading !== loading) return;
      if (isAbort(error)) {
        this.change({ phase: 'cancelled' });
        return;
      }
      this.parts.log.warn(`Report ${this.report.id}: ${error instanceof Error ? error.message : String(error)}`);
      this.change({ phase: 'failed', error });
    }
  }

  /** Gives up what is under way, on the server too. */
  cancel(): void {
    this.acting?.abort();
    this.loading?.abort();
  }

  choose(option: string, value: string): void {
    this.options = { ...this.options, [option]: value };
    void this.refresh();
  }

  detail(address: RowAddress): RowDetail | undefined {
    return this.reading?.detail(address);
  }

  /** Puts a notice's statement or setting on the clipboard. False: there is none. */
  async copyNotice(id: string): Promise<boolean> {
    const copy = this.document?.notices.find((notice) => notice.id === id)?.copy;
    if (!copy) return false;
    await this.parts.copy(copy.text);
    this.change({ message: 'Copied.' });
    return true;
  }

  /** Runs an action of a row; its end is told by the state. False: there is no such row or action. */
  act(address: RowAddress, action: string): boolean {
    const { reading } = this;
    const profile = this.parts.connections.profiles.find(this.connectionId);
    if (!reading || !profile) return false;
    if (this.acting) {
      this.change({ message: 'One at a time: cancel what is running first.' });
      return true;
    }
    const acting = new AbortController();
    const running = reading.act(address, action, {
      profile,
      connections: this.parts.connections,
      prompts: this.parts.prompts,
      signal: acting.signal,
      now: () => this.parts.clock.now(),
      copy: this.parts.copy,
      begin: (what) => this.change({ action: { what, address }, message: null }),
    });
    if (!running) return false;
    this.acting = acting;
    void this.follow(reading, running);
    return true;
  }

  dispose(): void {
    this.cancel();
    this.stateChanges.dispose();
    this.documentChanges.dispose();
  }

  private async follow(reading: Reading, running: NonNullable<ReturnType<Reading['act']>>): Promise<void> {
    let message: string | null;
    try {
      const result = await running;
      message = result.message;
      if (result.changed && this.reading === reading) this.documentChanges.fire(reading.document);
    } catch (error) {
      message = isAbort(error) ? 'Cancelled.' : messageOf(error);
    }
    this.acting = undefined;
    this.change({ action: null, message });
  }

  /** Rows of a new reading: what an action still does belongs to rows that are gone. */
  private take(reading: Reading): void {
    this.acting?.abort();
    this.show(reading);
  }

  private show(reading: Reading): void {
    this.reading = reading;
    this.documentChanges.fire(reading.document);
  }

  private async read(signal: AbortSignal, preview: (reading: Reading) => void): Promise<Reading> {
    const { connections, clock } = this.parts;
    const profile = connections.profiles.find(this.connectionId);
    if (!profile) {
      throw new DatabaseError(
        'bad-connection-string',
        'This connection was removed.',
        'Open the report on another one.',
      );
    }
    return withReportSession(connections, profile.id, signal, (session) =>
      this.report.read({ profile, session, options: this.options, now: clock.now(), signal, preview }),
    );
  }

  private change(part: Partial<RunState>): void {
    const since = part.phase === undefined ? this.state.since : this.parts.clock.now();
    this.state = { ...this.state, ...part, since };
    this.stateChanges.fire();
  }
}

/** What happened and the way out, in one line. */
function messageOf(error: unknown): string {
  if (error instanceof DatabaseError && error.remedy !== undefined) return `${error.message} ${error.remedy}`;
  return error instanceof Error ? error.message : String(error);
}
