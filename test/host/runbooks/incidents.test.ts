import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { runbookEntries } from '../../../src/core/runbooks/registry';
import type { TestApi } from '../../../src/extension';
import type { Lab } from '../../lab/lab';
import { sharedLab } from '../../lab/shared-lab';
import { connectionTo, removeConnections } from '../support/connection';
import { activated } from '../support/extension';
import { resetSettings, useSettings } from '../support/settings';
import { cellOf, closeNotebooks, openBy, shown } from './notebook';

/** What the verdict says on a server that is well. */
const calm: Readonly<Record<string, RegExp>> = {
  'pool-exhaustion': /No pool is exhausted now/,
  'replication-lag': /No standby is connected, and none is expected/,
  'lock-contention': /Nobody waits for a lock now/,
  'migration-rollback': /There is no Flyway history in this database/,
  'migration-failure': /There is no Flyway history in this database/,
  'database-unavailable': /The server is up and takes a new login/,
  vacuum: /No table is beyond its threshold/,
  reindex: /The indexes are in order/,
  scaling: /Nothing that SQL can tell asks for a larger server/,
  backup: /WAL is not archived/,
  'migration-review': /There is no Flyway history in this database/,
  'pool-sizing': /No application is attached/,
  'cheat-sheet': /No query is long, nobody waits for a lock/,
};

describe('the incident runbooks', function () {
  this.timeout(60_000);
  let lab: Lab;
  let api: TestApi;
  before(async () => {
    lab = await sharedLab();
    // Nothing that other tests leave behind is in it.
    await lab.primary.run('CREATE DATABASE calm');
    api = await activated();
    await useSettings({ 'alerts.contacts': { L1: 'pager <5>', L2: 'dba@example.com', L3: 'arch' } });
  });
  after(resetSettings);
  afterEach(async () => {
    await closeNotebooks();
    await removeConnections();
  });

  for (const [id, expected] of Object.entries(calm)) {
    it(`opens ${id} from the palette and runs its diagnosis`, async () => {
      assert.ok(runbookEntries.some((entry) => entry.id === id));
      await connectionTo(lab.primary, { name: 'incident-dev', database: 'calm' });
      // The memory of the machine, the time to go back to, the command of the sheet: where it is asked for.
      api.prompts.script(id === 'cheat-sheet' ? 'All' : 'No');
      const notebook = await openBy(`dbOps.runbook.open.${id}`);
      assert.match(notebook.uri.path, new RegExp(`${id}-incident-dev`));
      assert.match(shown(cellOf(notebook, 'verdict')), expected);
      for (const cell of notebook.getCells().filter(({ kind }) => kind === vscode.NotebookCellKind.Code)) {
        const text = shown(cell);
        assert.ok(!/could not|Error/.test(text), text);
      }
      const last = notebook.cellAt(notebook.cellCount - 1).document.getText();
      assert.match(
        last,
        /^## Escalation\n\n\*\*(L1 On-call\\?: pager &lt;5&gt;|L2 Database team\\?: dba|L3 Architecture team\\?: arch)/,
      );
    });
  }

  it('opens from a finding of the tree', async () => {
    const { id } = await connectionTo(lab.primary, { name: 'incident-dev', database: 'calm' });
    const finding = {
      kind: 'finding',
      connectionId: id,
      about: { runbook: 'replication-lag' },
      finding: { subject: 'x' },
    };
    const notebook = await openBy('dbOps.runbook.open', finding);
    assert.match(notebook.uri.path, /replication-lag/);
  });

  it('opens for the table of a tree item, and from a finding without a question', async () => {
    await lab.primary.run('CREATE TABLE IF NOT EXISTS "one $(table)" (id int)', undefined, 'calm');
    const { id } = await connectionTo(lab.primary, { name: 'of-table', database: 'calm' });
    api.prompts.script();
    const table = { kind: 'table', connectionId: id, table: { oid: 1, schema: 'public', name: 'one $(table)' } };
    const vacuum = await openBy('dbOps.runbook.open.vacuum', table);
    assert.match(shown(cellOf(vacuum, 'verdict')), /Opened for public\.one \$\(table\): 0 dead rows counted/);
    const finding = { kind: 'finding', connectionId: id, about: { runbook: 'scaling' }, finding: { subject: '' } };
    const scaling = await openBy('dbOps.runbook.open', finding);
    assert.match(shown(cellOf(scaling, 'verdict')), /Nothing that SQL can tell asks for a larger server/);
    assert.deepEqual(api.prompts.asked, []);
  });
});
