import * as vscode from 'vscode';
import type { ProfileStore } from '../../core/ports/connections';
import type { LockState } from '../../core/health/blocking';
import type { MonitorView, ServerSnapshot, Signal } from '../../core/monitor/snapshot';
import { elementId, type TreeElement } from './element';
import { childItem, connectionItem, signalItem, type ItemModel } from './item-model';

/** At most this many sessions are drawn below one blocker. */
const widest = 50;

/** The tree of connections. Only changed connections are refreshed; ages alone are redrawn by a slow tick. */
export class ConnectionTree implements vscode.TreeDataProvider<TreeElement>, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<TreeElement | undefined>();
  readonly onDidChangeTreeData = this.changes.event;
  private readonly roots = new Map<string, TreeElement>();
  private readonly subscriptions: readonly { dispose(): void }[];

  constructor(
    private readonly profiles: ProfileStore,
    private readonly monitor: MonitorView,
  ) {
    this.subscriptions = [
      profiles.onDidChange(() => {
        this.roots.clear();
        this.changes.fire(undefined);
      }),
      monitor.onDidChange((id) => this.redraw(id)),
    ];
  }

  /** Draws one connection anew, for changed values or grown ages. */
  redraw(connectionId: string): void {
    const element = this.roots.get(connectionId);
    if (element) this.changes.fire(element);
  }

  getChildren(element?: TreeElement): TreeElement[] {
    if (!element) return this.profiles.list().map((profile) => this.root(profile.id));
    const { connectionId } = element;
    const snapshot = this.monitor.snapshot(connectionId);
    switch (element.kind) {
      case 'connection':
        return (['pool', 'replication', 'locks', 'size'] as const).map((kind) => ({ kind, connectionId }));
      case 'replication':
        return replicationChildren(connectionId, snapshot);
      case 'locks':
        return lockChildren(connectionId, known(snapshot.locks), [], []);
      case 'lockSession':
        return lockChildren(connectionId, known(snapshot.locks), element.path, element.session.blocks);
      case 'size':
        return sizeChildren(connectionId, snapshot);
      default:
        return [];
    }
  }

  getTreeItem(element: TreeElement): vscode.TreeItem {
    const model = this.model(element, Date.now());
    const expanded = element.kind === 'connection' || element.kind === 'locks' || element.kind === 'replication';
    const state = !model.expandable
      ? vscode.TreeItemCollapsibleState.None
      : expanded || element.kind === 'lockSession'
        ? vscode.TreeItemCollapsibleState.Expanded
        : vscode.TreeItemCollapsibleState.Collapsed;
    const item = new vscode.TreeItem(model.label, state);
    item.id = elementId(element);
    item.description = model.description;
    item.iconPath = new vscode.ThemeIcon(
      model.icon.id,
      model.icon.color === undefined ? undefined : new vscode.ThemeColor(model.icon.color),
    );
    item.tooltip = tooltip(model.tooltip);
    item.contextValue = model.contextValue;
    item.accessibilityInformation = { label: model.accessibleLabel };
    return item;
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changes.dispose();
  }

  private root(connectionId: string): TreeElement {
    const known = this.roots.get(connectionId) ?? { kind: 'connection', connectionId };
    this.roots.set(connectionId, known);
    return known;
  }

  private model(element: TreeElement, now: number): ItemModel {
    const { connectionId } = element;
    const profile = this.profiles.find(connectionId);
    if (!profile)
      return childItem(
        { kind: 'note', connectionId, id: 'gone', text: vscode.l10n.t('This connection was removed.') },
        true,
        false,
        now,
      );
    const snapshot = this.monitor.snapshot(connectionId);
    switch (element.kind) {
      case 'connection':
        return connectionItem(profile, snapshot, now);
      case 'pool':
        return signalItem('pool', snapshot.sessions, false, now);
      case 'replication':
        return signalItem('replication', snapshot.replication, this.getChildren(element).length > 0, now);
      case 'locks':
        return signalItem('locks', snapshot.locks, this.getChildren(element).length > 0, now);
      case 'size':
        return signalItem('size', snapshot.size, this.getChildren(element).length > 0, now);
      case 'standby':
      case 'receiver':
        return childItem(element, isCurrent(snapshot.replication), false, now);
      case 'lockSession':
        return childItem(element, isCurrent(snapshot.locks), this.getChildren(element).length > 0, now);
      default:
        return childItem(element, isCurrent(snapshot.size), false, now);
    }
  }
}

/** The value of a signal, current or last known; undefined when there never was one. */
function known<T>(signal: Signal<T>): T | undefined {
  const { reading } = signal;
  return reading.kind === 'value' ? reading.value : 'last' in reading ? reading.last.value : undefined;
}

function isCurrent(signal: Signal<unknown>): boolean {
  return signal.reading.kind === 'value' && !signal.reading.stale;
}

function replicationChildren(connectionId: string, snapshot: ServerSnapshot): TreeElement[] {
  const state = known(snapshot.replication);
  if (!state) return [];
  const standbys = state.standbys.map((standby): TreeElement => ({ kind: 'standby', connectionId, standby }));
  return state.role === 'standby'
    ? [{ kind: 'receiver', connectionId, receiver: state.receiver }, ...standbys]
    : standbys;
}

/** Roots first; below each the sessions it blocks. A session already on the path is a cycle and is not drawn again. */
function lockChildren(
  connectionId: string,
  state: LockState | undefined,
  path: readonly number[],
  pids: readonly number[],
): TreeElement[] {
  if (!state) return [];
  const wanted = (path.length === 0 ? state.roots : pids).filter((pid) => !path.includes(pid));
  const elements = wanted.slice(0, widest).flatMap((pid): TreeElement[] => {
    const session = state.sessions.get(pid);
    return session ? [{ kind: 'lockSession', connectionId, session, path: [...path, pid] }] : [];
  });
  if (wanted.length > widest) {
    const id = `locks/${path.join('/')}/more`;
    elements.push({ kind: 'note', connectionId, id, text: vscode.l10n.t('{0} more', wanted.length - widest) });
  }
  return elements;
}

function sizeChildren(connectionId: string, snapshot: ServerSnapshot): TreeElement[] {
  const state = known(snapshot.size);
  if (!state) return [];
  const tables = state.tables.slice(0, 10).map((table): TreeElement => ({ kind: 'table', connectionId, table }));
  if (state.skippedLocked === 0) return tables;
  const text = vscode.l10n.t('{0} tables skipped: locked exclusively', state.skippedLocked);
  return [...tables, { kind: 'note', connectionId, id: 'size/skipped', text }];
}

/** Text of a database is appended as text: Markdown in it stays what it is, and no link of it can be followed. */
function tooltip(lines: readonly string[]): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  lines.forEach((line, index) => {
    if (index > 0) markdown.appendMarkdown('\n\n');
    if (
      line.length > 80 &&
      index === lines.length - 1 &&
      /\s/.test(line) &&
      /^\s*(select|with|insert|update|delete|alter|create|drop)/i.test(line)
    ) {
      markdown.appendCodeblock(line.slice(0, 1000), 'sql');
    } else {
      markdown.appendText(line);
    }
  });
  return markdown;
}
