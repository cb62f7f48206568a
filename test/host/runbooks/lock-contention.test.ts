import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ConnectionProfile } from '../../../src/core/connection/profile';
import type { TestApi } from '../../../src/extension';
import { lockChain, lockWaiters, until as untilServer, type LockChain } from '../../lab/faults';
import type { Lab } from '../../lab/lab';
import { sharedLab } from '../../lab/shared-lab';
import { TcpProxy } from '../../lab/tcp-proxy';
import { connectionTo, removeConnections, snapshotWhen } from '../support/connection';
import { activated } from '../support/extension';
import { resetSettings, useSettings } from '../support/settings';
import { until } from '../support/until';
import { removeFromWorkspace } from '../support/workspace';
import {
  cellOf,
  closeNotebooks,
  ended,
  endOf,
  openFile,
  openNew,
  placeFor,
  run,
  writeCells,
  shown,
  start,
  textOf,
} from './notebook';

describe('the lock contention runbook', function () {
  this.timeout(120_000);
  let lab: Lab;
  let api: TestApi;
  let chain: LockChain | undefined;
  before(async () => {
    lab = await sharedLab();
    api = await activated();
    await useSettings({ 'polling.activityIntervalSeconds': 1 });
    await vscode.commands.executeCommand('dbOps.connections.focus');
  });
  after(resetSettings);
  afterEach(async () => {
    await chain?.heal();
    chain = undefined;
    await closeNotebooks();
    await removeConnections();
    removeFromWorkspace('runbooks');
  });

  const backendStarts = (...pids: readonly (number | undefined)[]): Promise<Record<string, unknown>[]> =>
    lab.primary.run('SELECT pid, backend_start::text AS start FROM pg_stat_activity WHERE pid = ANY($1) ORDER BY 1', [
      pids,
    ]);
  const change = async (profile: ConnectionProfile, changes: Partial<ConnectionProfile>): Promise<void> =>
    api.profiles.save({ ...profile, ...changes });

  it('diagnoses at once, frees the chain by its root, verifies, and reads well as a file', async () => {
    await connectionTo(lab.primary, { name: 'shop-dev' });
    chain = await lockChain(lab.primary, { ddl: true, table: 'host_chain' });
    const { a, b, c, ddl } = chain.pids;
    const innocent = await backendStarts(b, c, ddl);
    const opened = await openNew();
    assert.match(opened.uri.path, /^lock-contention-shop-dev-\d{4}-\d\d-\d\d-\d{4}\.dbops\.md$/);
    assert.match(shown(cellOf(opened, 'graph')), new RegExp(`${a} .*orders-api .*idle in transaction`));
    assert.match(shown(cellOf(opened, 'locks')), /host_chain/);
    assert.match(shown(cellOf(opened, 'verdict')), new RegExp(`Session ${a} .* holds up 3 sessions`));
    assert.equal(shown(cellOf(opened, 'act')), '', 'nothing that acts runs by itself');

    const uri = await writeCells(opened, 'incident');
    const notebook = await openFile(uri);
    for (const step of ['graph', 'locks', 'verdict']) await run(notebook, step);

    api.prompts.script(`Terminate ${a}`, true);
    const done = await run(notebook, 'act');
    assert.match(done, new RegExp(`Done\\. Session ${a} has ended\\. By role postgres`));
    const [pick, confirm] = api.prompts.asked;
    assert.ok(pick?.kind === 'pick' && pick.labels[0] === `Terminate ${a}`, 'the recommended one is first');
    assert.ok(confirm?.kind === 'confirm' && confirm.question.typedName === undefined);
    const sql = confirm.question.sql ?? '';
    assert.ok(done.includes(sql), 'what was confirmed is what ran');
    const verify = cellOf(notebook, 'verify');
    await ended(verify);
    await untilServer('nobody waits', async () => (await lockWaiters(lab.primary)) === 0);
    assert.match(
      await run(notebook, 'verify'),
      /Before: 3 waiting\. Now: nobody waits for a lock\. The graph is empty/,
    );
    assert.equal(verify.executionSummary?.success, true);
    assert.deepEqual(await backendStarts(b, c, ddl), innocent);

    // VS Code may have saved it by itself meanwhile.
    assert.ok((await notebook.save()) || !notebook.isDirty);
    const text = await textOf(uri);
    for (const evidence of ['# Lock Contention', 'orders-api', 'holds up 3 sessions', 'The graph is empty', sql])
      assert.ok(text.includes(evidence), evidence);
    assert.match(text, /shop-dev · \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
    assert.ok(!text.includes(lab.primary.password), 'no secret');
    // Under another name: VS Code keeps a document that was opened for minutes.
    const copy = placeFor('as-saved');
    await vscode.workspace.fs.copy(uri, copy);
    const again = await openFile(copy);
    assert.equal(shown(cellOf(again, 'act')), done);
    assert.match(await run(again, 'graph'), /No session waits for a lock/);
    assert.ok((await again.save()) || !again.isDirty);
    assert.match(await textOf(copy), /No session waits for a lock/);
  });

  it('asks for the connection where there are several, and for the typed name on production', async () => {
    await connectionTo(lab.primary, { name: 'shop-dev' });
    const profile = await connectionTo(lab.primary, { name: 'shop-prod' });
    await change(profile, { environment: 'production' });
    chain = await lockChain(lab.primary, { table: 'host_chain' });
    api.prompts.script('shop-prod');
    const notebook = await openNew();
    assert.match(notebook.uri.path, /shop-prod/);
    api.prompts.script('Terminate', true);
    assert.match(await run(notebook, 'act'), /Nothing was done/);
    const asked = api.prompts.asked.at(-1);
    assert.ok(asked?.kind === 'confirm' && asked.question.typedName === 'shop-prod');
    assert.equal(shown(cellOf(notebook, 'verify')), '', 'nothing was done, so there is nothing to look at');
    assert.equal(await lockWaiters(lab.primary), 2);
    api.prompts.script('Terminate', 'shop-prod');
    assert.match(await run(notebook, 'act'), /Done\./);
  });

  it('refuses to act on a read-only connection, and says how to allow it', async () => {
    const profile = await connectionTo(lab.primary, { name: 'shop-ro' });
    await change(profile, { readOnly: true });
    chain = await lockChain(lab.primary, { table: 'host_chain' });
    const notebook = await openNew({ kind: 'locks', connectionId: profile.id });
    api.prompts.script('Terminate', true);
    assert.match(await run(notebook, 'act'), /Refused\. shop-ro is read-only.*Edit Connection/);
    assert.equal(cellOf(notebook, 'act').executionSummary?.success, false);
    assert.equal(await lockWaiters(lab.primary), 2);
  });

  it('terminates from the tree by the same way', async () => {
    const profile = await connectionTo(lab.primary, { name: 'tree' });
    chain = await lockChain(lab.primary, { table: 'host_chain' });
    const { a } = chain.pids;
    const snapshot = await snapshotWhen(
      profile.id,
      'two wait',
      ({ locks: { reading } }) => reading.kind === 'value' && reading.value.waiting === 2,
    );
    const { reading } = snapshot.locks;
    assert.ok(reading.kind === 'value');
    const session = reading.value.sessions.get(a);
    api.prompts.script(true);
    const element = { kind: 'lockSession', connectionId: profile.id, session, path: [a], repeated: false };
    await vscode.commands.executeCommand('dbOps.session.cancel', element);
    assert.ok(api.prompts.asked[0]?.kind === 'confirm' && api.prompts.asked[0].question.title.startsWith('Terminate'));
    await until('the end is told', () => api.prompts.asked.find((asked) => asked.kind === 'notify'));
    assert.deepEqual(await backendStarts(a), []);
  });

  it('runs nothing that is not its own: an edited cell, a note, a file of another connection', async () => {
    await connectionTo(lab.primary, { name: 'edited' });
    const notebook = await openNew();
    const edit = new vscode.WorkspaceEdit();
    for (const step of ['graph', 'act']) {
      edit.insert(cellOf(notebook, step).document.uri, new vscode.Position(0, 0), 'DROP TABLE x; ');
    }
    await vscode.workspace.applyEdit(edit);
    assert.match(await run(notebook, 'graph'), /The text of this cell was edited/);
    assert.match(await run(notebook, 'act'), /The text of this cell was edited/);
    assert.equal(cellOf(notebook, 'graph').executionSummary?.success, false);

    const note = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, 'SELECT pg_sleep(1)', 'sql');
    const added = new vscode.WorkspaceEdit();
    added.set(notebook.uri, [vscode.NotebookEdit.insertCells(0, [note])]);
    await vscode.workspace.applyEdit(added);
    await start(notebook, notebook.cellAt(0));
    await until('it says no', () => shown(notebook.cellAt(0)).includes('not a step of the runbook'));

    const uri = await writeCells(notebook, 'edited');
    await removeConnections();
    const again = await openFile(uri);
    assert.match(await run(again, 'verdict'), /The connection edited of this runbook is not among the saved ones/);
  });

  it('shows a file that is broken as it is, says so, and does not change it', async () => {
    const uri = await writeCells(await openOn('broken'), 'broken');
    const broken = (await textOf(uri)).replace('<!-- dbops:end -->', '');
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(broken));
    const notebook = await openFile(uri);
    assert.equal(notebook.cellCount, 2);
    assert.match(notebook.cellAt(0).document.getText(), /cannot be read as a runbook.*nothing in it runs/);
    assert.ok(notebook.getCells().every(({ kind }) => kind === vscode.NotebookCellKind.Markup));
    const edit = new vscode.WorkspaceEdit();
    edit.insert(notebook.cellAt(1).document.uri, new vscode.Position(0, 0), 'x');
    await vscode.workspace.applyEdit(edit);
    // VS Code may have saved it by itself meanwhile.
    assert.ok((await notebook.save()) || !notebook.isDirty);
    assert.equal(await textOf(uri), `x${broken}`);
  });

  it('opens on a server that cannot be reached, and its cells say why', async () => {
    const profile = await connectionTo(lab.primary, { name: 'gone' });
    await api.monitor.disconnect(profile.id);
    await change(profile, { target: { ...profile.target, port: 1 } });
    const notebook = await openNew({ kind: 'connection', connectionId: profile.id });
    assert.match(shown(cellOf(notebook, 'verdict')), /Nothing listens on 127\.0\.0\.1:1/);
    assert.equal(cellOf(notebook, 'verdict').executionSummary?.success, false);
    await change(profile, {});
    assert.match(await run(notebook, 'verdict'), /Nobody waits for a lock now/);
  });

  it('is interrupted, and runs again', async () => {
    const proxy = await TcpProxy.start(lab.primary);
    try {
      const profile = await connectionTo(lab.primary, { name: 'slow' });
      await api.monitor.disconnect(profile.id);
      await change(profile, { target: { ...profile.target, port: proxy.port } });
      await api.monitor.connect(profile.id);
      const notebook = await openNew();
      const cell = cellOf(notebook, 'graph');
      const before = endOf(cell);
      proxy.set({ kind: 'latency', ms: 1500 });
      const running = start(notebook, cell);
      await until('it runs', () => cell.executionSummary?.timing === undefined || endOf(cell) === undefined);
      await vscode.commands.executeCommand('notebook.cancelExecution');
      await running;
      await ended(cell, before);
      assert.match(shown(cell), /Cancelled\./);
      proxy.set({ kind: 'none' });
      assert.match(await run(notebook, 'graph'), /No session waits/);
    } finally {
      await proxy.stop();
    }
  });

  async function openOn(name: string): Promise<vscode.NotebookDocument> {
    await connectionTo(lab.primary, { name });
    return openNew();
  }
});
