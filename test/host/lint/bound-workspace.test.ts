import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { checksum } from '../../../src/core/flyway/checksum';
import * as vscode from 'vscode';
import type { Lab } from '../../lab/lab';
import { sharedLab } from '../../lab/shared-lab';
import { connectionTo, removeConnections } from '../support/connection';
import { activated } from '../support/extension';
import { resetSettings } from '../support/settings';
import { until } from '../support/until';
import { closeEditors, removeFromWorkspace } from '../support/workspace';
import { apply, fixAt, found, gone, ModuleFiles, nothingLeft, ours, ruleOf } from './module-files';

const base = 'CREATE TABLE bound_orders (id bigint PRIMARY KEY, status text);\n';
const index = 'CREATE INDEX bound_orders_status ON bound_orders (status);\n';

/** A workspace bound to a real server, whose history says what Flyway has done. */
describe('a workspace bound to a connection', function () {
  this.timeout(120_000);
  const files = new ModuleFiles('bound-1');
  let lab: Lab;
  let connectionId = '';

  async function sql(...statements: readonly string[]): Promise<void> {
    const client = await lab.primary.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  }

  before(async () => {
    await activated();
    lab = await sharedLab({ standbys: 0 });
    await sql(
      'DROP TABLE IF EXISTS flyway_schema_history, bound_orders',
      `CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200),
        type varchar(20), script varchar(1000), checksum int, installed_by varchar(100),
        installed_on timestamp DEFAULT now(), execution_time int, success boolean)`,
      base,
      `INSERT INTO flyway_schema_history VALUES
        (1, '1', 'base', 'SQL', 'V1__base.sql', ${checksum(base)}, 'deploy', '2026-01-02 03:04:05', 12, true),
        (2, '2', 'index', 'SQL', 'V2__index.sql', 42, 'deploy', '2026-01-02 03:05:05', 7, true),
        (3, '5', 'failed', 'SQL', 'V5__failed.sql', ${checksum('SELECT 5;\n')}, 'deploy', '2026-01-02 03:06:05', 7, false)`,
    );
    ({ id: connectionId } = await connectionTo(lab.primary, { name: 'bound-shop' }));
  });
  after(async () => {
    const { binding } = await activated();
    await binding.bind(undefined);
    await closeEditors();
    removeFromWorkspace(files.name);
    await resetSettings();
    await removeConnections();
    await sql('DROP TABLE IF EXISTS flyway_schema_history, bound_orders');
    await nothingLeft();
  });

  async function lens(name: string): Promise<string> {
    await vscode.workspace.openTextDocument(files.uriOf(name));
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      files.uriOf(name),
    );
    return lenses.map(({ command }) => command?.title ?? '').join('; ');
  }
  const lensSays = (name: string, wanted: RegExp): Promise<unknown> =>
    until(`the lens ${String(wanted)} on ${name}`, async () => wanted.test(await lens(name)));

  it('asks for a connection, keeps it with the workspace, and says what is applied', async () => {
    files.write('V1__base.sql', base);
    files.write('V2__index.sql', index);
    files.write('V3__late.sql', 'SELECT 3;\n');
    files.write('V5__failed.sql', 'SELECT 5;\n');
    files.write('V9__new.sql', 'CREATE INDEX bound_late ON bound_orders (id, status);\n');
    await found(files.uriOf('V2__index.sql'), 'safety/create-index');
    assert.equal(await lens('V1__base.sql'), '');
    const { prompts, binding } = await activated();
    prompts.script('bound-shop');
    await vscode.commands.executeCommand('dbOps.workspace.bind');
    assert.equal(binding.connection?.id, connectionId);
    assert.equal(vscode.workspace.getConfiguration('dbOps').inspect('connections')?.workspaceValue, undefined);
    await lensSays('V1__base.sql', /^\$\(check\) Applied to bound-shop 2026-01-02 03:04 by deploy in 12 ms$/);
    await lensSays('V2__index.sql', /^\$\(warning\) Edited after it was applied to bound-shop: checksum 42 there, /);
    await lensSays('V3__late.sql', /^\$\(circle-slash\) Ignored on bound-shop/);
    await lensSays('V5__failed.sql', /^\$\(error\) FAILED on bound-shop/);
    await lensSays('V9__new.sql', /^\$\(circle-outline\) Pending on bound-shop$/);
  });

  /** What the tree's connection says of the migrations of this workspace; undefined where it says nothing. */
  async function migrationsInTree(): Promise<{ words: readonly string[]; problem: string | null } | undefined> {
    const { monitor } = await activated();
    const shown = monitor.snapshot(connectionId).signals.find(({ about }) => about.id === 'migrations');
    return shown && { words: shown.findings.map(({ words }) => words), problem: shown.problem };
  }

  it('tells the tree what is pending, edited and ignored on its connection', async () => {
    const { monitor } = await activated();
    await monitor.connect(connectionId);
    await until('the tree says it', async () => (await migrationsInTree())?.words.length === 3);
    assert.deepEqual(await migrationsInTree(), {
      words: ['V2__index.sql edited after it ran', 'V3__late.sql ignored: below the latest', '1 pending'],
      problem: null,
    });
  });

  it('looks at what is not applied, and an index on a small table is no finding', async () => {
    await gone(files.uriOf('V2__index.sql'), 'safety/create-index');
    await found(files.uriOf('V2__index.sql'), 'flyway/edited-after-applied');
    await found(files.uriOf('V3__late.sql'), 'flyway/out-of-order');
    await gone(files.uriOf('V9__new.sql'), 'safety/create-index');
    assert.ok(!ours(files.uriOf('V2__index.sql')).some((one) => ruleOf(one).startsWith('safety/')));
    await vscode.commands.executeCommand('dbOps.flyway.showConfiguration', files.uriOf('V1__base.sql').toString());
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'dbops-flyway');
    await until('the scope', () => document && /not applied to bound-shop/.test(document.getText()));
    assert.match(document?.getText() ?? '', /Bound to bound-shop, PostgreSQL \d+\./);
  });

  it('ignores in the undo script what is found in an applied one, whose checksum stays', async () => {
    const { prompts } = await activated();
    const uri = files.uriOf('V1__base.sql');
    const undo = files.write('U1__base.sql', 'ALTER TABLE bound_orders DROP COLUMN status;\n');
    const { range } = await found(uri, 'rollback/incomplete');
    await vscode.window.showTextDocument(uri);
    prompts.script('the table stays');
    await apply(await fixAt(uri, range, /^Ignore rollback\/incomplete in U1__base\.sql with a reason/));
    await gone(uri, 'rollback/incomplete');
    const written =
      '-- dbops-ignore-file rollback/incomplete: the table stays\nALTER TABLE bound_orders DROP COLUMN status;\n';
    assert.equal(readFileSync(undo.fsPath, 'utf8'), written);
    assert.equal(readFileSync(uri.fsPath, 'utf8'), base);
  });

  it('never shows an old state as current: a server that is gone is said, and lint goes on without it', async () => {
    const { monitor } = await activated();
    await monitor.disconnect(connectionId);
    const { profiles } = await activated();
    const profile = profiles.find(connectionId);
    assert.ok(profile);
    // The port leads nowhere from now on.
    await profiles.save({ ...profile, target: { ...profile.target, port: 1 } });
    await lensSays('V1__base.sql', /^\$\(question\) State on bound-shop is not known \(.*\): /);
    await found(files.uriOf('V9__new.sql'), 'safety/create-index');
    const gone = await until('the tree knows it', async () => {
      const shown = await migrationsInTree();
      return shown?.problem !== null ? shown : undefined;
    });
    assert.match(gone.problem ?? '', /^not read: /);
    await profiles.save(profile);
    await monitor.connect(connectionId);
    await lensSays('V1__base.sql', /^\$\(check\) Applied to bound-shop/);
  });

  it('unbound, nothing of it is left', async () => {
    const { binding } = await activated();
    await vscode.commands.executeCommand('dbOps.workspace.unbind');
    assert.equal(binding.connection, undefined);
    assert.equal(await migrationsInTree(), undefined);
    await until('no lens', async () => (await lens('V1__base.sql')) === '');
    await found(files.uriOf('V2__index.sql'), 'safety/create-index');
  });
});
