/** How bad it is. `unknown` is never drawn as good. Order: worse is later, except unknown and limited. */
export type Severity = 'ok' | 'warning' | 'critical' | 'unknown';

/** The state of a connection as a person sees it. */
export type Status = 'unknown' | 'connecting' | 'ok' | 'warning' | 'critical' | 'unreachable' | 'stale' | 'limited';

/**
 * One measured value with its truth: when it was read, or why there is none. A `value` whose poll is overdue is
 * `stale`: it may be shown with its age, never as current.
 */
export type Reading<T> =
  | { readonly kind: 'pending' }
  | {
      readonly kind: 'value';
      readonly value: T;
      /** ms since the epoch */ readonly at: number;
      readonly stale: boolean;
    }
  | { readonly kind: 'denied'; readonly message: string }
  | { readonly kind: 'skipped'; readonly message: string; readonly last?: { readonly value: T; readonly at: number } }
  | { readonly kind: 'failed'; readonly message: string; readonly last?: { readonly value: T; readonly at: number } };
