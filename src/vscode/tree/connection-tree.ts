import * as vscode from 'vscode';
import type { SeriesKey } from '../../core/history/history-store';
import type { Unit } from '../../core/health/signal';
import type { ProfileStore } from '../../core/ports/connections';
import type { MonitorView } from '../../core/monitor/snapshot';
import { commands } from '../../contributions';
import { childrenOf } from './children';
import { connectionItem } from './connection-item';
import { elementId, signalKinds, type SignalKind, type TreeElement } from './element';
import type { ItemModel } from './item-model';
import { partItem } from './part-item';
import { isCurrent, signalItem, signalOf } from './signal-item';
import type { TooltipModel } from './tooltips';

/** With more connections than this they begin collapsed. */
const expandedUpTo = 3;

/** A hover is made when it opens and kept by VS Code; after this many ms it is made anew. */
const hoverLifeMs = 10_000;

/** How a number went, in lines for a hover; none where nothing is kept. */
export type PastOfNumbers = (key: SeriesKey, unit: Unit) => Promise<readonly string[]>;

/** The number that a group is about. */
const baseNumbers: Partial<Readonly<Record<SignalKind, readonly [signal: string, unit: Unit]>>> = {
  pool: ['sessions.used', 'ratio'],
  locks: ['locks.waiting', 'count'],
  size: ['size.database', 'bytes'],
};

/**
 * The tree of connections. VS Code is told only of what looks different: a connection when its own line changed, else the
 * signals that changed.
 */
export class ConnectionTree implements vscode.TreeDataProvider<TreeElement>, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<TreeElement[] | undefined>();
  readonly onDidChangeTreeData = this.changes.event;
  /** Connections and signals by id: VS Code knows an element by its identity. */
  private readonly fixed = new Map<string, TreeElement>();
  /** What VS Code shows of them, to tell whether it differs. */
  private readonly drawn = new Map<string, string>();
  private readonly hovered = new Map<TreeElement, number>();
  /** What the hovers that were shown last were read by. */
  private readonly copies = new Map<string, string>();
  private readonly subscriptions: readonly { dispose(): void }[];

  constructor(
    private readonly profiles: ProfileStore,
    private readonly monitor: MonitorView,
    private readonly history: PastOfNumbers,
  ) {
    this.subscriptions = [
      profiles.onDidChange(() => {
        this.drawn.clear();
        this.changes.fire(undefined);
      }),
      monitor.onDidChange((id) => this.redraw([id])),
    ];
  }

  /** Tells VS Code what has changed of these connections, by their values or by their ages. */
  redraw(connectionIds: readonly string[]): void {
    const now = Date.now();
    const changed = connectionIds.flatMap((connectionId) => {
      const root = this.fixed.get(connectionId);
      if (!root || !this.profiles.find(connectionId)) return [];
      if (this.differs(root, now)) return [root];
      return signalKinds.flatMap((kind) => {
        const signal = this.fixed.get(elementId({ kind, connectionId }));
        return signal && this.differs(signal, now) ? [signal] : [];
      });
    });
    if (changed.length > 0) this.changes.fire(changed);
  }

  /** The slow tick: ages have grown, and hovers have become old. */
  grow(): void {
    this.redraw(this.profiles.list().map((profile) => profile.id));
    const old = [...this.hovered].filter(([, at]) => Date.now() - at >= hoverLifeMs).map(([element]) => element);
    for (const element of old) this.hovered.delete(element);
    if (old.length > 0) this.changes.fire(old);
  }

  getChildren(element?: TreeElement): TreeElement[] {
    const children = element
      ? childrenOf(element, this.monitor.snapshot(element.connectionId))
      : this.profiles.list().map(({ id }): TreeElement => ({ kind: 'connection', connectionId: id }));
    return children.map((child) => this.keep(child));
  }

  getTreeItem(element: TreeElement): vscode.TreeItem {
    const now = Date.now();
    const id = elementId(element);
    const model = this.model(element, now);
    if (this.fixed.get(id) === element) this.drawn.set(id, this.picture(element, now));
    const item = new vscode.TreeItem(model.label, this.collapsibleState(element));
    item.id = id;
    item.description = model.description;
    item.iconPath = new vscode.ThemeIcon(
      model.icon.id,
      model.icon.color === undefined ? undefined : new vscode.ThemeColor(model.icon.color),
    );
    item.contextValue = model.contextValue;
    item.accessibilityInformation = { label: model.accessibleLabel };
    return item;
  }

  async resolveTreeItem(item: vscode.TreeItem, element: TreeElement): Promise<vscode.TreeItem> {
    const id = elementId(element);
    const fixed = this.fixed.get(id) ?? this.fixed.get(signalIdOf(id));
    if (fixed) this.hovered.set(fixed, Date.now());
    const [known, past] = await Promise.all([this.tooltip(element, Date.now()), this.past(element)]);
    const tooltip = { ...known, lines: [...known.lines, ...past] };
    item.tooltip = await markdown(tooltip, id);
    if (tooltip.readBy) this.copies.set(id, tooltip.readBy);
    return item;
  }

  /** How the number of an item went, where one is kept. */
  private async past(element: TreeElement): Promise<readonly string[]> {
    const { connectionId } = element;
    if (element.kind === 'finding') {
      const { signal, subject, unit } = element.finding;
      return this.history({ connectionId, signal, subject }, unit);
    }
    const base = isSignal(element) ? baseNumbers[element.kind] : undefined;
    return base ? this.history({ connectionId, signal: base[0], subject: '' }, base[1]) : [];
  }

  /** What the hover of an item offers to copy. */
  async copySql(id: unknown): Promise<void> {
    const text = this.copies.get(String(id));
    if (text !== undefined) await vscode.env.clipboard.writeText(text);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changes.dispose();
  }

  private keep(element: TreeElement): TreeElement {
    if (element.kind !== 'connection' && !isSignal(element)) return element;
    const id = elementId(element);
    const kept = this.fixed.get(id) ?? element;
    this.fixed.set(id, kept);
    return kept;
  }

  private collapsibleState(element: TreeElement): vscode.TreeItemCollapsibleState {
    const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    if (!this.profiles.find(element.connectionId)) return None;
    // VS Code collapses an item that gets its first child later; what appears there must be seen at once.
    if (isSignal(element) && element.kind !== 'size' && element.kind !== 'maintenance') return Expanded;
    if (this.getChildren(element).length === 0) return None;
    if (element.kind === 'connection') return this.profiles.list().length <= expandedUpTo ? Expanded : Collapsed;
    return element.kind === 'size' || element.kind === 'maintenance' ? Collapsed : Expanded;
  }

  private differs(element: TreeElement, now: number): boolean {
    const drawn = this.drawn.get(elementId(element));
    return drawn !== undefined && drawn !== this.picture(element, now);
  }

  /** All that a person sees of an element: of a connection its line and which parts it has, of a signal all below it. */
  private picture(element: TreeElement, now: number): string {
    const below = (parent: TreeElement): unknown[] =>
      this.getChildren(parent).map((child) =>
        element.kind === 'connection'
          ? [elementId(child), child.kind === 'note' ? child.text : '']
          : [elementId(child), this.model(child, now), below(child)],
      );
    return JSON.stringify([this.model(element, now), below(element)]);
  }

  private model(element: TreeElement, now: number): ItemModel {
    const profile = this.profiles.find(element.connectionId);
    if (!profile) return this.removed(element.connectionId, now);
    const snapshot = this.monitor.snapshot(element.connectionId);
    if (element.kind === 'connection') return connectionItem(profile, snapshot, now);
    if (isSignal(element)) return signalItem(element.kind, signalOf(snapshot, element.kind), now);
    return partItem(element, isCurrent(signalOf(snapshot, ownerOf(element))), now, snapshot.thresholds);
  }

  private async tooltip(element: TreeElement, now: number): Promise<TooltipModel> {
    const { connectionTooltip, partTooltip, signalTooltip } = await import('./tooltips');
    const profile = this.profiles.find(element.connectionId);
    if (!profile) return { lines: [vscode.l10n.t('This connection was removed.')] };
    const snapshot = this.monitor.snapshot(element.connectionId);
    if (element.kind === 'connection') return connectionTooltip(profile, snapshot, now);
    if (isSignal(element)) return signalTooltip(element.kind, snapshot, now);
    return partTooltip(element, isCurrent(signalOf(snapshot, ownerOf(element))), now, snapshot);
  }

  /** VS Code may ask once more for what was just removed. */
  private removed(connectionId: string, now: number): ItemModel {
    const text = vscode.l10n.t('This connection was removed.');
    return partItem({ kind: 'note', connectionId, id: 'removed', text }, true, now);
  }
}

type SignalElement = Extract<TreeElement, { kind: (typeof signalKinds)[number] }>;

function isSignal(element: TreeElement): element is SignalElement {
  return signalKinds.some((kind) => kind === element.kind);
}

/** The signal that a part belongs to. */
function ownerOf(element: Exclude<TreeElement, { kind: 'connection' } | SignalElement>): SignalElement['kind'] {
  switch (element.kind) {
    case 'standby':
    case 'receiver':
      return 'replication';
    case 'lockSession':
      return 'locks';
    case 'chain':
      return 'pool';
    case 'finding':
      return element.about.group;
    case 'note':
      return element.group ?? 'size';
    default:
      return 'size';
  }
}

function signalIdOf(partId: string): string {
  return partId.split('/').slice(0, 2).join('/');
}

async function markdown({ lines, sql, readBy }: TooltipModel, id: string): Promise<vscode.MarkdownString> {
  const { tooltipMarkdown } = await import('./tooltip-markdown');
  const result = tooltipMarkdown(lines);
  result.isTrusted = { enabledCommands: [commands.copySql] };
  if (sql !== undefined) result.appendMarkdown('\n\n').appendCodeblock(sql, 'sql');
  if (readBy) {
    // A parenthesis of a name would end the link.
    const args = encodeURIComponent(JSON.stringify([id]))
      .replaceAll('(', '%28')
      .replaceAll(')', '%29');
    const link = `command:${commands.copySql}?${args}`;
    result.appendMarkdown(`\n\n[${vscode.l10n.t('Copy SQL')}](${link})`);
  }
  return result;
}
