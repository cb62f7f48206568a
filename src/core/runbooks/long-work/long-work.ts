import type { ConnectionProfile } from '../../connection/profile';
import type { Clock } from '../../ports/clock';
import type { Connections } from '../../ports/connections';
import type { Prompts } from '../../ports/prompts';
import { textOrNull } from '../../ports/row';
import type { Session, Statement } from '../../ports/session';
import type { ActionGate } from '../action-gate';
import type { GuardedAction, Inspection } from '../guarded-action';
import type { Outcome } from '../outcome';
import type { Victim } from '../session-actions';
import { progressWords, workProgressStatement, type WorkProgress } from './work-progress';

/** Work that was sent, so that it is found again: a session is told by its pid and its start. */
export interface WorkRecord {
  readonly connectionId: string;
  readonly connection: string;
  readonly name: string;
  readonly pid: number;
  readonly backendStart: string;
}

/** Where the work that runs is written down, for a window that is loaded again. */
export interface WorkStore {
  list(): readonly WorkRecord[];
  save(records: readonly WorkRecord[]): Promise<void>;
}

/** Shows that something runs and lets it be cancelled; `report` is given plain words. */
export type ShowWork = <T>(
  title: string,
  run: (report: (words: string) => void, cancel: AbortSignal) => Promise<T>,
) => Promise<T>;

/** How often the progress is read, in ms. */
const everyMs = 1000;
/** What ended within this time is told by its cell alone, in ms. */
const shortMs = 5000;

const ownStart: Statement<string | null> = {
  name: 'start of this session',
  text: `SELECT a.backend_start::text AS backend_start FROM pg_catalog.pg_stat_activity AS a WHERE a.pid = pg_catalog.pg_backend_pid()`,
  row: (raw) => textOrNull(raw, 'backend_start'),
};

/**
 * Statements that take minutes or hours. Each runs through the gate on a session of its own, belongs to no notebook, shows
 * its progress, is cancelled on the server when a person says so, and is found again by a window that is loaded anew: the
 * server goes on when its client has gone.
 */
export class LongWork {
  constructor(
    private readonly gate: ActionGate,
    private readonly connections: Connections,
    private readonly prompts: Prompts,
    private readonly clock: Clock,
    private readonly store: WorkStore,
    private readonly show: ShowWork,
  ) {}

  /** Never rejects. `left` gives up waiting for it; before it is sent that is backing out, after it the work goes on. */
  async run(profile: ConnectionProfile, action: GuardedAction, left: AbortSignal): Promise<Outcome> {
    const abort = new AbortController();
    const over = new AbortController();
    let record: WorkRecord | undefined;
    let leave: (outcome: Outcome) => void = () => undefined;
    const gone = new Promise<Outcome>((resolve) => (leave = resolve));
    const onLeft = (): void => {
      if (record) leave(goesOn(record));
      else abort.abort();
    };
    left.addEventListener('abort', onLeft, { once: true });
    const started = async (own: Session): Promise<void> => {
      record = await this.remember(profile, action.name, own);
      void this.showUntil(record, over.signal, () => abort.abort());
    };
    const since = this.clock.now();
    const ended = this.gate.run(profile.id, withStart(action, started), abort.signal).then(async (outcome) => {
      over.abort();
      left.removeEventListener('abort', onLeft);
      if (record) await this.afterEnd(record, outcome, left.aborted || this.clock.now() - since > shortMs);
      return outcome;
    });
    return Promise.race([ended, gone]);
  }

  /** Finds what an earlier window has sent: what still runs is shown again, what has ended is told. */
  async resume(): Promise<void> {
    await Promise.all(this.store.list().map((record) => this.follow(record)));
  }

  /** What is known to run, or was when it was last looked at. */
  running(): readonly WorkRecord[] {
    return this.store.list();
  }

  private async remember(profile: ConnectionProfile, name: string, own: Session): Promise<WorkRecord> {
    const [backendStart] = await own.read(ownStart);
    const pid = own.capabilities.backendPid;
    const record = { connectionId: profile.id, connection: profile.name, name, pid, backendStart: backendStart ?? '' };
    await this.store.save([...this.store.list(), record]);
    return record;
  }

  private async forget(record: WorkRecord): Promise<void> {
    await this.store.save(this.store.list().filter((other) => !isSame(other, record)));
  }

  private async afterEnd(record: WorkRecord, outcome: Outcome, tell: boolean): Promise<void> {
    // The connection was lost and the server may still be at it.
    if (outcome.kind === 'unknown') return void this.follow(record);
    await this.forget(record);
    if (tell)
      void this.prompts.notify(
        outcome.kind === 'done' ? 'info' : 'warning',
        `${record.connection}, ${record.name}: ${outcome.message}`,
      );
  }

  private async follow(record: WorkRecord): Promise<void> {
    for (;;) {
      const now = await this.progress(record).catch(() => 'unreachable' as const);
      // It stays written down: the next window looks again.
      if (now === 'unreachable') return void this.prompts.notify('warning', lostText(record));
      if (now?.state !== 'active') break;
      const wanted = new AbortController();
      await this.showUntil(record, wanted.signal, () => wanted.abort(), true);
      if (!wanted.signal.aborted) continue;
      const outcome = await this.gate.signal(record.connectionId, victimOf(record), 'cancel');
      if (outcome.kind !== 'backed-out' && outcome.kind !== 'done')
        await this.prompts.notify('warning', outcome.message);
    }
    await this.forget(record);
    await this.prompts.notify(
      'info',
      `${record.connection}, ${record.name}: session ${record.pid} has ended meanwhile. Whether it came to its end is seen in the runbook: run its diagnosis again.`,
    );
  }

  /** Shows it until `over` says so; where nobody else knows (`follows`), until its session is no longer at work. */
  private showUntil(record: WorkRecord, over: AbortSignal, cancel: () => void, follows = false): Promise<void> {
    return this.show(`${record.connection}: ${record.name}`, async (report, cancelled) => {
      cancelled.addEventListener('abort', cancel, { once: true });
      while (!over.aborted && !cancelled.aborted) {
        const now = await this.progress(record).catch(() => undefined);
        if (now === undefined) report('the server does not answer');
        else if (now?.state === 'active') report(progressWords(now));
        else if (follows) return;
        await this.pause(over, cancelled);
      }
    });
  }

  /** Null: that session is gone. */
  private async progress({ connectionId, pid, backendStart }: WorkRecord): Promise<WorkProgress | null> {
    const session = await this.connections.session(connectionId);
    const [row] = await session.read(workProgressStatement({ pid, backendStart }, session.capabilities.major));
    return row ?? null;
  }

  private pause(...until: readonly AbortSignal[]): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        timer.dispose();
        for (const signal of until) signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = this.clock.after(everyMs, end);
      for (const signal of until) signal.addEventListener('abort', end, { once: true });
    });
  }
}

/** The same action, which says when its session is there and nothing has been sent yet. */
function withStart(action: GuardedAction, started: (own: Session) => Promise<void>): GuardedAction {
  return {
    ...action,
    inspect: async (session, abort): Promise<Inspection> => {
      const found = await action.inspect(session, abort);
      return found.kind === 'ready' ? { ...found, plan: { ...found.plan, started } } : found;
    },
  };
}

function isSame(a: WorkRecord, b: WorkRecord): boolean {
  return a.connectionId === b.connectionId && a.pid === b.pid && a.backendStart === b.backendStart;
}

function goesOn(record: WorkRecord): Outcome {
  return {
    kind: 'running',
    message: `It goes on as session ${record.pid}, begun ${record.backendStart}. Its notification shows how far it is and cancels it.`,
  };
}

function lostText({ connection, name, pid, backendStart }: WorkRecord): string {
  return `${connection}, ${name}: whether session ${pid} of ${backendStart} still runs is not known, since the server cannot be reached.`;
}

function victimOf({ pid, backendStart, name }: WorkRecord): Victim {
  return {
    pid,
    backendStart,
    user: null,
    database: null,
    application: 'db-ops-panel long work',
    clientAddress: null,
    state: 'active',
    transactionAgeS: null,
    query: name,
    holdsUp: 0,
  };
}
