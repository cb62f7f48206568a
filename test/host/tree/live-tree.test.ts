import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TestApi } from '../../../src/extension';
import { elementId, type TreeElement } from '../../../src/vscode/tree/element';
import { lockChain, serverKilled, until as untilServer } from '../../lab/faults';
import { startLab, type Lab } from '../../lab/lab';
import { connectionTo, removeConnections, snapshotWhen } from '../support/connection';
import { activated } from '../support/extension';
import { resetSettings, useSettings } from '../support/settings';
import { until } from '../support/until';

const hostile = '"; DROP TABLE x; --" $(error) [x](command:y)';

describe('the tree', () => {
  let lab: Lab;
  let api: TestApi;
  before(async () => {
    lab = await startLab({ standbys: 1 });
    api = await activated();
    await useSettings({ 'polling.activityIntervalSeconds': 1 });
    await vscode.commands.executeCommand('dbOps.connections.focus');
  });
  after(async () => {
    await resetSettings();
    await lab.stop();
  });
  afterEach(removeConnections);

  /** All items below an element, by their ids. */
  function items(element?: TreeElement): Map<string, { element: TreeElement; item: vscode.TreeItem }> {
    const { tree } = api.view;
    return new Map(
      tree
        .getChildren(element)
        .flatMap((child) => [
          [elementId(child), { element: child, item: tree.getTreeItem(child) }] as const,
          ...items(child),
        ]),
    );
  }
  function icon(item: vscode.TreeItem | undefined): string {
    return item?.iconPath instanceof vscode.ThemeIcon ? item.iconPath.id : '';
  }

  it('shows a primary and its standby live, each item with icon, label, id and words for the ear', async () => {
    const profile = await connectionTo(lab.primary, { name: 'primary' });
    await snapshotWhen(profile.id, 'ok', ({ status }) => status === 'ok');
    const all = items();
    const text = (id: string): string => String(all.get(id)?.item.description);
    assert.match(text(profile.id), /^primary · 1\d\.\d+ · <\d+ ms$/);
    assert.match(text(`${profile.id}/pool`), /^\d+\/\d+ sessions/);
    // How far a living standby is behind at this moment is not ours to say.
    assert.match(text(`${profile.id}/replication`), /^1 standby( · |$)/);
    assert.match(text(`${profile.id}/size`), /^[\d.]+ MB$/);
    const standby =
      all.get(`${profile.id}/replication/slot standby1`) ??
      [...all.values()].find(({ element }) => element.kind === 'standby');
    assert.equal(standby?.item.label, 'standby1');
    for (const { item } of all.values()) {
      assert.ok(item.accessibilityInformation?.label);
      assert.ok(icon(item));
      assert.equal(item.tooltip, undefined, 'made when it is looked at');
    }
    const root = all.get(profile.id);
    assert.match(root!.item.accessibilityInformation?.label ?? '', /^primary, ok, /);
    const { tooltip } = await api.view.tree.resolveTreeItem(root!.item, root!.element);
    assert.ok(tooltip instanceof vscode.MarkdownString && tooltip.isTrusted !== true && tooltip.supportHtml !== true);
  });

  it('shows the blocking graph, critical in badge and status item, and quiet again after it', async () => {
    const profile = await connectionTo(lab.primary, { name: 'locks' });
    const chain = await lockChain(lab.primary, { ddl: true });
    const { a, b, c, ddl } = chain.pids;
    await snapshotWhen(
      profile.id,
      'three wait',
      ({ locks: { reading } }) => reading.kind === 'value' && reading.value.waiting === 3,
    );
    const all = items();
    assert.deepEqual(
      [...all.values()].flatMap(({ element }) => (element.kind === 'lockSession' ? [element.path] : [])),
      [[a], [a, b], [a, b, c], [a, b, c, ddl]],
    );
    const root = all.get(`${profile.id}/locks/${a}+`);
    assert.match(String(root!.item.description), /^orders-api · idle in transaction .* · holds up 3$/);
    assert.equal(root!.item.contextValue, 'lockSession');
    assert.match(root!.item.accessibilityInformation?.label ?? '', /^blocking session \d+/);
    await snapshotWhen(profile.id, 'a warning at least', ({ status }) => status === 'warning' || status === 'critical');
    assert.match(api.view.status.text, /locks (warning|critical)$/);
    await chain.heal();
    await snapshotWhen(profile.id, 'nobody waits', ({ status }) => status === 'ok');
    assert.equal(api.view.status.text, '$(database) DB Ops: ok');
    assert.equal(api.view.view.badge, undefined);
  });

  it('survives the death and the return of the server, and shows nothing as current in between', async () => {
    const profile = await connectionTo(lab.primary, { name: hostile });
    const fault = await serverKilled(lab.primary);
    await snapshotWhen(profile.id, 'unreachable', ({ status }) => status === 'unreachable');
    const all = items();
    const root = all.get(profile.id)?.item;
    assert.equal(root!.label, hostile);
    assert.match(String(root!.description), /^unreachable · last seen [\d.]+ s ago$/);
    assert.match(String(all.get(`${profile.id}/pool`)?.item.description), /^[\d.]+ s ago: \d+\/\d+ sessions/);
    for (const kind of ['pool', 'replication', 'locks', 'size']) {
      assert.equal(icon(all.get(`${profile.id}/${kind}`)?.item), 'history', kind);
    }
    assert.ok(
      [...all.values()].some(({ element }) => element.kind === 'note'),
      'and says why',
    );
    const badge = await until('a badge', () => api.view.view.badge);
    assert.equal(badge.value, 1);
    assert.match(api.view.status.text, /\\\$\(error\).* unreachable$/, 'the name is no icon');
    assert.ok(api.view.status.backgroundColor);
    await fault.heal();
    await snapshotWhen(profile.id, 'back', ({ status }) => status === 'ok', 20_000);
    assert.equal(icon(items().get(`${profile.id}/pool`)?.item), 'pass');
    await untilServer('one connection of ours', async () => {
      const rows = await lab.primary.run<{ n: number }>(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'db-ops-panel'",
      );
      return rows[0]?.n === 1;
    });
  });

  it('shows a plain role a limited view and nothing green that it cannot know', async () => {
    const profile = await connectionTo(lab.primary, { name: 'plain', user: 'plain' });
    await snapshotWhen(profile.id, 'limited', ({ status }) => status === 'limited');
    const all = items();
    assert.match(String(all.get(profile.id)?.item.description), /limited view/);
    for (const id of [profile.id, `${profile.id}/pool`, `${profile.id}/replication`]) {
      assert.notEqual(icon(all.get(id)?.item), 'pass', id);
    }
  });

  it('tells VS Code of what changed, and of the root only when the profiles change', async () => {
    const profile = await connectionTo(lab.primary, { name: 'calm' });
    await snapshotWhen(profile.id, 'ok', ({ status }) => status === 'ok');
    items();
    const fired: (TreeElement[] | undefined)[] = [];
    const subscription = api.view.tree.onDidChangeTreeData((elements) => fired.push(elements));
    await api.monitor.refresh(profile.id);
    await api.monitor.refresh(profile.id);
    assert.ok(!fired.some((elements) => elements === undefined), 'never the root');
    const chain = await lockChain(lab.primary);
    await until('the locks are drawn anew', () =>
      fired.some((elements) => elements?.some(({ kind }) => kind === 'locks' || kind === 'connection')),
    );
    subscription.dispose();
    await chain.heal();
  });
});
