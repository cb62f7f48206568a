import type { LockSession } from '../../core/health/blocking';
import type { ReceiverState, StandbyState } from '../../core/health/replication';
import { signalGroups, type Finding, type SignalAbout, type SignalGroup } from '../../core/health/signal';
import type { TableSize } from '../../core/health/size';
import type { ChainPath } from '../../core/pooler/chain';

/** What a tree item stands for; commands receive it. `path` leads from a root of the blocking graph to this session. */
export type TreeElement =
  | { readonly kind: 'connection'; readonly connectionId: string }
  | { readonly kind: SignalKind; readonly connectionId: string }
  | {
      readonly kind: 'finding';
      readonly connectionId: string;
      readonly about: SignalAbout;
      readonly finding: Finding;
      /** When it was read, in ms since the epoch. */
      readonly at: number;
      readonly sql: string;
      /** It is not what is: the latest reading failed, or is overdue. */
      readonly past: boolean;
    }
  | {
      /** One step from an application to what blocks it; the next one stands below it. */
      readonly kind: 'chain';
      readonly connectionId: string;
      readonly path: ChainPath;
      /** Which of the paths, and which step of it. */
      readonly number: number;
      readonly step: number;
    }
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
      /** The group it stands in; missing below a connection. */
      readonly group?: SignalKind;
    };

/** The parts below a connection, in their order. */
export const signalKinds = signalGroups;
export type SignalKind = SignalGroup;

/** The identity over refreshes, so that expansion and selection survive. */
export function elementId(element: TreeElement): string {
  // A person may write any id into the settings, one with a slash too.
  const root = encodeURIComponent(element.connectionId);
  switch (element.kind) {
    case 'connection':
      return root;
    case 'receiver':
      return `${root}/replication/receiver`;
    case 'standby':
      return `${root}/replication/${element.standby.key}`;
    case 'lockSession':
      // One that others begin to wait for is another item: VS Code would keep it collapsed.
      return `${root}/locks/${element.path.join('/')}${element.session.blocks.length > 0 ? '+' : ''}`;
    case 'chain':
      return `${root}/pool/chain/${element.number}/${element.step}`;
    case 'table':
      return `${root}/size/${element.table.oid}`;
    case 'finding': {
      const { signal, subject } = element.finding;
      return `${root}/${element.about.group}/finding/${signal}/${encodeURIComponent(subject)}`;
    }
    case 'note':
      return `${root}/${element.group ?? 'note'}/${element.id}`;
    default:
      return `${root}/${element.kind}`;
  }
}
