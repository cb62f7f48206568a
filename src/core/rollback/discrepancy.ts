import type { Cause } from './catalog/catalog-object';

/** How the state behind V and U differs from the one before, or why U does not get there. */
export type DiscrepancyKind =
  | 'incomplete'
  | 'stays'
  | 'undo-fails'
  | 'wrong-order'
  | 'over-drop'
  | 'may-over-drop'
  | 'wrong-previous-value'
  | 'definition-differs'
  | 'grants-lost'
  | 'column-order'
  | 'data-lost'
  | 'may-fail'
  | 'not-compared';

export interface Discrepancy {
  readonly kind: DiscrepancyKind;
  /** The statement to show it at, of V or of U. */
  readonly cause: Cause;
  readonly message: string;
  /** It is about rows: how hard they are to bring back is said elsewhere too. */
  readonly rows?: boolean;
}
