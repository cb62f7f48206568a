import { projectRoot } from '../lab/project-root';

const emitter: NodeJS.EventEmitter = process;
const events = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Takes errors that nobody handled away from mocha, which loses its place when another extension of the same host leaves
 * one behind, and tells of those that have our extension or our tests in their stack. To be called once mocha runs.
 */
export function watchUnhandledErrors(before: UnhandledListeners, tell: (error: string) => void): void {
  for (const event of events) {
    for (const listener of emitter.listeners(event)) {
      if (!before.get(event)?.includes(listener)) emitter.off(event, listener as () => void);
    }
    emitter.on(event, (error: unknown) => {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (stack.includes('db-ops-panel') || stack.includes(projectRoot + '/out')) tell(`${event}: ${stack}`);
    });
  }
}

type UnhandledListeners = ReadonlyMap<string, readonly unknown[]>;

/** Who listens before mocha does. */
export function unhandledListeners(): UnhandledListeners {
  return new Map(events.map((event) => [event, emitter.listeners(event)]));
}
