import * as vscode from 'vscode';
import type { SignalOutcome } from '../../core/health/signal';
import { systemClock } from '../../core/ports/clock';
import type { ProfileStore } from '../../core/ports/connections';
import type { CredentialSource } from '../../core/ports/http';
import { endpointUrl } from '../../core/pool/application-endpoint';
import { inOrderOfTrouble } from '../../core/prometheus/fleet-findings';
import { readPrometheus, type PrometheusServer } from '../../core/prometheus/prometheus-settings';
import {
  fleetGroups,
  fleetServerId,
  FleetWatch,
  type FleetWatchOptions,
  type ReportedDisk,
  type ReportedServer,
} from '../../core/prometheus/fleet-watch';
import { FetchReader } from '../../sources/http/fetch-reader';
import { PrometheusClient } from '../../sources/prometheus/prometheus-client';
import { readFleet } from '../../sources/prometheus/read-fleet';
import { settings } from '../../contributions';
import { ownSetting } from '../connections/own-setting';
import { statusIcons, type ItemModel } from '../tree/item-model';
import { groupItem, instanceItem, instanceLines, type FleetElement, type LimitsOf } from './fleet-item';

/** The servers that the Prometheuses of the settings know, loaded when the view or a connection needs them. */
export class Fleet implements vscode.Disposable {
  private watches: FleetWatch[] = [];
  private problems: readonly string[] = [];
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onDidChange = (listener: () => void): vscode.Disposable => this.changes.event(listener);
  private readonly http = new FetchReader();
  private readonly subscription: vscode.Disposable;

  constructor(
    private readonly profiles: ProfileStore,
    private readonly secrets: CredentialSource,
    private readonly mayPoll: () => boolean,
    private readonly limits: FleetWatchOptions['limits'],
  ) {
    this.subscription = vscode.Disposable.from(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`${settings.section}.${settings.prometheus}`)) this.follow();
      }),
      profiles.onDidChange(() => this.follow()),
    );
    this.follow();
  }

  get servers(): readonly PrometheusServer[] {
    return this.watches.map(({ server }) => server);
  }

  outcomes(connectionId: string): readonly SignalOutcome[] {
    return this.watches.flatMap((watch) => watch.outcomesOf(connectionId));
  }

  /** What the alerts follow of the servers that are no connections. */
  reported(): readonly ReportedServer[] {
    return this.watches.flatMap((watch) => watch.reported());
  }

  /** Whether the settings still name the Prometheus that a server was reported by. */
  knows(serverId: string): boolean {
    return this.watches.some(({ server }) => serverId.startsWith(`fleet:${server.name}/`));
  }

  /** The file system of a connection, of the first Prometheus that is tied to one. */
  diskOf(connectionId: string): ReportedDisk | undefined {
    return this.watches.map((watch) => watch.diskOf(connectionId)).find((disk) => disk !== undefined);
  }

  async refresh(): Promise<void> {
    await Promise.all(this.watches.map((watch) => watch.refresh()));
  }

  children(element?: FleetElement): readonly FleetElement[] {
    if (element?.kind === 'group') {
      return inOrderOfTrouble(element.servers, element.limitsOf).map((server) => ({
        kind: 'instance',
        id: `${element.id} ${server.key}`,
        server,
        limits: element.limitsOf(server),
      }));
    }
    if (element?.kind === 'prometheus') return this.groupsOf(element.id);
    if (element) return [];
    const notes = this.problems.map((text, index): FleetElement => ({ kind: 'note', id: `problem ${index}`, text }));
    const [only, ...others] = this.watches;
    if (only && others.length === 0) return [...notes, ...this.groupsOf(only.server.id)];
    return [...notes, ...this.watches.map(({ server }): FleetElement => ({ kind: 'prometheus', id: server.id }))];
  }

  item(element: FleetElement): vscode.TreeItem {
    const { Collapsed, None } = vscode.TreeItemCollapsibleState;
    const model = this.model(element);
    const item = new vscode.TreeItem(
      model.label,
      element.kind === 'instance' || element.kind === 'note' ? None : Collapsed,
    );
    item.id = element.id;
    item.description = model.description;
    item.contextValue = model.contextValue;
    const { id, color } = model.icon;
    item.iconPath = new vscode.ThemeIcon(id, color === undefined ? undefined : new vscode.ThemeColor(color));
    item.accessibilityInformation = { label: model.accessibleLabel };
    const lines = element.kind === 'instance' ? instanceLines(element.server, element.limits) : [model.accessibleLabel];
    item.tooltip = lines.join('\n');
    return item;
  }

  dispose(): void {
    this.subscription.dispose();
    for (const watch of this.watches) watch.dispose();
    this.changes.dispose();
  }

  private groupsOf(id: string): readonly FleetElement[] {
    const watch = this.watches.find(({ server }) => server.id === id);
    if (!watch) return [];
    const reading = watch.reading();
    const note = (text: string): FleetElement => ({ kind: 'note', id: `${id} note`, text });
    if (reading.kind === 'pending') return [note(vscode.l10n.t('Reading for the first time…'))];
    const last = reading.kind === 'value' ? undefined : reading.message;
    if (last !== undefined) return [note(last)];
    const { servers, warnings } = reading.kind === 'value' ? reading.value : { servers: [], warnings: [] };
    const groups = [...fleetGroups(servers)].map(([group, members]): FleetElement => ({
      kind: 'group',
      id: `${id} ${group}`,
      group,
      servers: members,
      limitsOf: (server) => this.limits(fleetServerId(watch.server, server)),
    }));
    const stale =
      reading.kind === 'value' && reading.stale
        ? [note(vscode.l10n.t('The last answer is older than it should be.'))]
        : [];
    const said = warnings.map((text, index): FleetElement => ({ kind: 'note', id: `${id} warning ${index}`, text }));
    if (groups.length === 0) return [note(vscode.l10n.t('No server is reported: pg_up has no series here.')), ...said];
    return [...stale, ...groups, ...said];
  }

  private model(element: FleetElement): ItemModel {
    switch (element.kind) {
      case 'prometheus': {
        const watch = this.watches.find(({ server }) => server.id === element.id);
        const reading = watch?.reading();
        if (!watch) return groupItem(element.id, [], () => this.limits(''));
        const limitsOf: LimitsOf = (server) => this.limits(fleetServerId(watch.server, server));
        return groupItem(watch.server.name, reading?.kind === 'value' ? reading.value.servers : [], limitsOf);
      }
      case 'group':
        return groupItem(element.group, element.servers, element.limitsOf);
      case 'instance':
        return instanceItem(element.server, element.limits);
      case 'note':
        return {
          label: element.text,
          description: '',
          icon: statusIcons.unknown,
          accessibleLabel: element.text,
          contextValue: 'note',
        };
    }
  }

  private follow(): void {
    const own = ownSetting(settings.prometheus, this.profiles);
    const { servers, problems } = readPrometheus(own.value);
    this.problems = [...own.problems, ...problems];
    const before = new Map(this.watches.map((watch) => [JSON.stringify(watch.server), watch]));
    // What did not change keeps its readings.
    this.watches = servers.map((server) => {
      const kept = before.get(JSON.stringify(server));
      before.delete(JSON.stringify(server));
      return (
        kept ??
        new FleetWatch(server, {
          clock: systemClock,
          mayPoll: this.mayPoll,
          read: (one, signal) => this.read(one, signal),
          changed: () => this.changes.fire(),
          limits: this.limits,
        })
      );
    });
    for (const watch of before.values()) watch.dispose();
    this.changes.fire();
  }

  private read(server: PrometheusServer, signal: AbortSignal): ReturnType<typeof readFleet> {
    const credentials = (): ReturnType<CredentialSource['credentials']> => this.secrets.credentials(server.id);
    const client = new PrometheusClient(endpointUrl(server), this.http, credentials);
    const { staleS, disks } = server;
    return readFleet(client, server.mapping, server.labels, { staleS, disks, signal });
  }
}
