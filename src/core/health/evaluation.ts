import type { Severity } from './status';

/**
 * What a value means. `summary` is the short description of the tree item, `lines` the sentences of its tooltip:
 * what was measured against which threshold. Both are plain text.
 */
export interface Evaluation {
  readonly severity: Severity;
  readonly summary: string;
  readonly lines: readonly string[];
}
