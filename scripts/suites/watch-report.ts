import { readEvents, type ReportEvent } from '../../test/runner/report';

export interface ReportWatch {
  /** How the report came to rest: by its end, or by nothing new for too long. Pending until then. */
  readonly over: Promise<'ended' | 'silent'>;
  /** Ends the watching. @returns everything reported */
  stop(): ReportEvent[];
}

/**
 * Prints the tests of a report as they end.
 * @param silenceMs how long the report may stay without a new line, in ms
 */
export function watchReport(file: string, silenceMs: number): ReportWatch {
  let shown = 0;
  let lastNews = Date.now();
  const show = (): ReportEvent[] => {
    const events = readEvents(file);
    for (const event of events.slice(shown)) print(event);
    if (events.length > shown) lastNews = Date.now();
    shown = events.length;
    return events;
  };
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<'ended' | 'silent'>((resolve) => {
    timer = setInterval(() => {
      if (show().some(({ event }) => event === 'end')) resolve('ended');
      else if (Date.now() - lastNews > silenceMs) resolve('silent');
    }, 250);
  });
  return {
    over,
    stop: () => {
      clearInterval(timer);
      return show();
    },
  };
}

function print(event: ReportEvent): void {
  if (event.event === 'pass') console.log(`  ✓ ${event.title}${event.ms > 1000 ? ` (${event.ms} ms)` : ''}`);
  if (event.event === 'skip') console.log(`  - ${event.title}`);
  if (event.event === 'fail') console.log(`  ✗ ${event.title}`);
}
