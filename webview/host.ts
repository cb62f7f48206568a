import { Channel } from '../src/protocol/channel';
import type { ReportEvents, ReportRequests, RestoredReport } from '../src/protocol/report-messages';
import type { Arrangement } from './arrange-rows';

/** What is kept over a reload: how to make the report again, and what was seen of it. */
export interface KeptState extends RestoredReport {
  readonly section: string | null;
  readonly arrangements: Readonly<Record<string, Arrangement>>;
}

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: KeptState): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** The host's end of the line, and what VS Code keeps for this view. */
export class Host {
  private readonly api = acquireVsCodeApi();
  readonly channel = new Channel<ReportRequests, ReportEvents>({
    post: (message) => this.api.postMessage(message),
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return { dispose: () => clearTimeout(timer) };
    },
  });

  constructor() {
    window.addEventListener('message', (event) => this.channel.receive(event.data));
  }

  keep(state: KeptState): void {
    this.api.setState(state);
  }

  /** What was seen before; arrangements of unknown shape are dropped. */
  kept(): Pick<KeptState, 'section' | 'arrangements'> {
    const state = this.api.getState();
    if (typeof state !== 'object' || state === null) return { section: null, arrangements: {} };
    const { section, arrangements } = state as Record<string, unknown>;
    const entries = typeof arrangements === 'object' && arrangements !== null ? Object.entries(arrangements) : [];
    return {
      section: typeof section === 'string' ? section : null,
      arrangements: Object.fromEntries(
        entries.filter((entry): entry is [string, Arrangement] => isArrangement(entry[1])),
      ),
    };
  }
}

function isArrangement(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { filter, sort } = value as Record<string, unknown>;
  return typeof filter === 'string' && (sort === null || typeof sort === 'object');
}
