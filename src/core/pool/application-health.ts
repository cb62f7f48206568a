import { formatMilliseconds } from '../format/numbers';
import type { Evaluation } from '../health/evaluation';

/** What an application says about itself. */
export type ApplicationHealth =
  | {
      readonly kind: 'answered';
      /** UP, DOWN, OUT_OF_SERVICE, UNKNOWN, or an application's own word. */
      readonly status: string;
      /** Of its database; null where details are hidden. */
      readonly database: string | null;
      readonly tookMs: number;
    }
  | { readonly kind: 'not-exposed'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

/** A health check borrows a connection: one that takes longer waits for it. In ms. */
const slowMs = 1000;

export function evaluateHealth(health: ApplicationHealth): Evaluation {
  if (health.kind === 'not-exposed') {
    return { severity: 'unknown', summary: 'health not exposed', lines: [health.message] };
  }
  if (health.kind === 'failed') return { severity: 'unknown', summary: 'health unknown', lines: [health.message] };
  const { status, database, tookMs } = health;
  const took = formatMilliseconds(tookMs);
  const lines = [
    `The application says ${status}${database === null ? '' : `, its database ${database}`}, after ${took}.`,
  ];
  if (status === 'DOWN' || status === 'OUT_OF_SERVICE' || database === 'DOWN') {
    return { severity: 'critical', summary: `health ${database === 'DOWN' ? 'database DOWN' : status}`, lines };
  }
  if (tookMs > slowMs) {
    lines.push('It borrows a connection to answer: slow means that it waited for one.');
    return { severity: 'warning', summary: `health slow, ${took}`, lines };
  }
  return { severity: status === 'UP' ? 'ok' : 'unknown', summary: `health ${status}`, lines };
}
