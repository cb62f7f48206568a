import type { LockState } from '../../core/health/blocking';
import { formatCount } from '../../core/format/quantities';
import type { ChainPath } from '../../core/pooler/chain';
import type { ServerSnapshot } from '../../core/monitor/snapshot';
import { signalKinds, type SignalKind, type TreeElement } from './element';
import { findingElements } from './finding-elements';
import { lockForest, type LockPlace } from './lock-forest';
import { lastKnown } from './signal-item';

/** Paths from applications to what blocks them. */
const pathsShown = 3;

/** Tables shown below Size; the report of bloat has more. */
const tablesShown = 10;

/** What stands below an element, of what is known, current or not. */
export function childrenOf(element: TreeElement, snapshot: ServerSnapshot): TreeElement[] {
  switch (element.kind) {
    case 'connection':
      return connectionChildren(element.connectionId, snapshot);
    case 'lockSession':
      return element.repeated ? [] : lockChildren(element.connectionId, lastKnown(snapshot.locks), element.path);
    case 'chain': {
      const step = element.step + 1;
      return step < element.path.links.length ? [{ ...element, step }] : [];
    }
    case 'standby':
    case 'receiver':
    case 'table':
    case 'finding':
    case 'note':
      return [];
    default:
      return groupChildren(element.kind, element.connectionId, snapshot);
  }
}

/** What is wrong first, then what the group is made of, then advice and what could not be read. */
function groupChildren(group: SignalKind, connectionId: string, snapshot: ServerSnapshot): TreeElement[] {
  const { wrong, advice } = findingElements(group, connectionId, snapshot);
  return [...wrong, ...partsOf(group, connectionId, snapshot), ...advice];
}

function partsOf(group: SignalKind, connectionId: string, snapshot: ServerSnapshot): TreeElement[] {
  switch (group) {
    case 'pool':
      return chainChildren(connectionId, snapshot.chain ?? []);
    case 'replication':
      return replicationChildren(connectionId, snapshot);
    case 'locks':
      return lockChildren(connectionId, lastKnown(snapshot.locks), []);
    case 'size':
      return sizeChildren(connectionId, snapshot);
    default:
      return [];
  }
}

/** The paths that tell the most; the others are like them. */
function chainChildren(connectionId: string, paths: readonly ChainPath[]): TreeElement[] {
  const shown = paths
    .slice(0, pathsShown)
    .map((path, number): TreeElement => ({ kind: 'chain', connectionId, path, number, step: 0 }));
  const left = paths.length - shown.length;
  if (left === 0) return shown;
  const text = formatCount(left, 'more connection like these', 'more connections like these');
  return [...shown, { kind: 'note', connectionId, id: 'chain', group: 'pool', text }];
}

/** A server that is away says why before its last values; one never reached has no values to show. */
function connectionChildren(connectionId: string, snapshot: ServerSnapshot): TreeElement[] {
  if (!snapshot.watched) return [];
  const notes: TreeElement[] = [];
  if (snapshot.status === 'unreachable') {
    notes.push({ kind: 'note', connectionId, id: 'reason', text: snapshot.statusReason, icon: 'error' });
    if (snapshot.remedy !== undefined) {
      notes.push({ kind: 'note', connectionId, id: 'remedy', text: snapshot.remedy, icon: 'lightbulb' });
    }
    if (snapshot.lastSeen === null) return notes;
  }
  return [...notes, ...signalKinds.map((kind): TreeElement => ({ kind, connectionId }))];
}

function replicationChildren(connectionId: string, snapshot: ServerSnapshot): TreeElement[] {
  const state = lastKnown(snapshot.replication);
  if (!state) return [];
  const standbys = state.standbys.map((standby): TreeElement => ({ kind: 'standby', connectionId, standby }));
  return state.role === 'standby'
    ? [{ kind: 'receiver', connectionId, receiver: state.receiver }, ...standbys]
    : standbys;
}

const forests = new WeakMap<LockState, ReturnType<typeof lockForest>>();

function forestOf(state: LockState): ReturnType<typeof lockForest> {
  const forest = forests.get(state) ?? lockForest(state);
  forests.set(state, forest);
  return forest;
}

function lockChildren(connectionId: string, state: LockState | undefined, path: readonly number[]): TreeElement[] {
  if (!state) return [];
  const forest = forestOf(state);
  let places: readonly LockPlace[] = forest.roots;
  let { left } = forest;
  for (const pid of path) {
    const at = places.find((place) => place.session.pid === pid);
    if (!at) return [];
    places = at.children;
    ({ left } = at);
  }
  const elements = places.map(({ session, repeated }): TreeElement => ({
    kind: 'lockSession',
    connectionId,
    session,
    path: [...path, session.pid],
    repeated,
  }));
  const hidden = state.truncated && path.length === 0 ? ' of those read, and the server has more' : '';
  if (left > 0 || hidden !== '') {
    const text =
      left > 0 ? `${formatCount(left, 'more session')}${hidden}` : 'The server has more waiting sessions than are read';
    elements.push({ kind: 'note', connectionId, id: `locks/${path.join('/')}`, text });
  }
  return elements;
}

function sizeChildren(connectionId: string, snapshot: ServerSnapshot): TreeElement[] {
  const state = lastKnown(snapshot.size);
  if (!state) return [];
  const tables = state.tables
    .slice(0, tablesShown)
    .map((table): TreeElement => ({ kind: 'table', connectionId, table }));
  const notes = [
    ...(state.skippedLocked === 0
      ? []
      : [`${formatCount(state.skippedLocked, 'table')} skipped: locked exclusively now`]),
    ...(!state.tablesProblem ? [] : [state.tablesProblem]),
  ];
  return [
    ...tables,
    ...notes.map((text, index): TreeElement => ({ kind: 'note', connectionId, id: `size/${index}`, text })),
  ];
}
