import type { LockSession } from '../../core/health/blocking';
import type { ReceiverState, StandbyState } from '../../core/health/replication';
import type { TableSize } from '../../core/health/size';

/** What a tree item stands for; commands receive it. `path` leads from a root of the blocking graph to this session. */
export type TreeElement =
  | { readonly kind: 'connection'; readonly connectionId: string }
  | { readonly kind: SignalKind; readonly connectionId: string }
  | { readonly kind: 'standby'; readonly connectionId: string; readonly standby: StandbyState }
  | { readonly kind: 'receiver'; readonly connectionId: string; readonly receiver: ReceiverState }
  | {
      readonly kind: 'lockSession';
      readonly connectionId: string;
      readonly session: LockSession;
      readonly path: readonly number[];
      /** Drawn in full at another place: the graph is not a tree, and below this one nothing follows. */
      readonly repeated: boolean;
    }
  | { readonly kind: 'table'; readonly connectionId: string; readonly table: TableSize }
  | {
      readonly kind: 'note';
      readonly connectionId: string;
      readonly id: string;
      readonly text: string;
      readonly icon?: 'error' | 'lightbulb';
    };

/** The four parts below a connection, in their order. */
export const signalKinds = ['pool', 'replication', 'locks', 'size'] as const;
export type SignalKind = (typeof signalKinds)[number];

/** The identity over refreshes, so that expansion and selection survive. */
export function elementId(element: TreeElement): string {
  switch (element.kind) {
    case 'connection':
      return element.connectionId;
    case 'pool':
    case 'replication':
    case 'locks':
    case 'size':
      return `${element.connectionId}/${element.kind}`;
    case 'receiver':
      return `${element.connectionId}/replication/receiver`;
    case 'standby':
      return `${element.connectionId}/replication/${element.standby.key}`;
    case 'lockSession':
      return `${element.connectionId}/locks/${element.path.join('/')}`;
    case 'table':
      return `${element.connectionId}/size/${element.table.oid}`;
    case 'note':
      return `${element.connectionId}/note/${element.id}`;
  }
}
