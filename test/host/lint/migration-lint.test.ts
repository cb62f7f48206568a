import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { apply, fixAt, found, gone, nothingLeft, ours, ruleOf } from './module-files';
import { activated } from '../support/extension';
import { resetSettings, useSettings } from '../support/settings';
import { until } from '../support/until';
import { closeEditors, removeFromWorkspace, workspaceFolder, writeWorkspaceFile } from '../support/workspace';

describe('lint of migrations', () => {
  // A module for each test: VS Code keeps documents of files that are gone.
  let tests = 0;
  const moduleName = (): string => `module-${tests}`;
  const migration = (name: string): string => `${moduleName()}/src/main/resources/db/migration/${name}`;
  const uriOf = (name: string): vscode.Uri => vscode.Uri.joinPath(workspaceFolder().uri, migration(name));
  beforeEach(() => {
    tests++;
  });
  const autoSave = (value: string | undefined): Thenable<void> =>
    vscode.workspace.getConfiguration('files').update('autoSave', value, vscode.ConfigurationTarget.Global);
  before(async () => {
    await activated();
    await autoSave('off');
  });
  after(() => autoSave(undefined));
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await closeEditors();
    removeFromWorkspace(moduleName());
    await resetSettings();
    await nothingLeft();
  });

  const clean = (uri: vscode.Uri): Promise<boolean> =>
    until(`nothing left in ${uri.path}`, () => ours(uri).length === 0);
  const placeOf = ({ start, end }: vscode.Range): number[] => [start.line, start.character, end.line, end.character];

  it('points at the subcommand that loses data, graded against the harmless one', async () => {
    const uri = writeWorkspaceFile(
      migration('V1__a.sql'),
      '\ufeff-- 🐘\r\nALTER TABLE orders\r\n  ADD COLUMN note text,\r\n  DROP COLUMN fax;\r\n',
    );
    const other = writeWorkspaceFile(migration('V2__b.sql'), 'ALTER TABLE orders ADD COLUMN ok boolean;');
    const lost = await found(uri, 'rollback/undo-missing');
    assert.deepEqual(placeOf(lost.range), [3, 2, 3, 17]);
    assert.equal(lost.severity, vscode.DiagnosticSeverity.Warning);
    assert.match(lost.message, /drops the column orders\.fax and its data/);
    const hint = await found(other, 'rollback/undo-missing');
    assert.equal(hint.severity, vscode.DiagnosticSeverity.Hint);
  });

  it('follows what is typed and not saved', async () => {
    const uri = writeWorkspaceFile(migration('V1__a.sql'), 'SELECT 1;\n');
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 0), '  TRUNCATE orders;'));
    const lost = await found(uri, 'rollback/undo-missing');
    assert.deepEqual(placeOf(lost.range), [1, 2, 1, 17]);
    assert.ok(document.isDirty);
    await editor.edit((edit) => edit.delete(new vscode.Range(1, 0, 1, 18)));
    await clean(uri);
  });

  it('creates the undo script, and never touches one that is there', async () => {
    const uri = writeWorkspaceFile(migration('V1__a.sql'), 'CREATE INDEX i ON shop.orders (id);');
    const { range } = await found(uri, 'rollback/undo-missing');
    await vscode.window.showTextDocument(uri);
    await apply(await fixAt(uri, range, /^Create U1__a\.sql$/));
    const undo = uriOf('U1__a.sql').fsPath;
    await until('the undo script', () => existsSync(undo));
    assert.match(readFileSync(undo, 'utf8'), /^DROP INDEX "shop"\."i";$/m);
    await gone(uri, 'rollback/undo-missing');
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, undo);
  });

  it('writes an undo that stops loudly where data is gone', async () => {
    const uri = writeWorkspaceFile(migration('V1__a.sql'), 'DROP TABLE orders;');
    const { range } = await found(uri, 'rollback/undo-missing');
    await vscode.window.showTextDocument(uri);
    await apply(await fixAt(uri, range, /^Create U1__a\.sql$/));
    await until('the undo script', () => existsSync(uriOf('U1__a.sql').fsPath));
    assert.match(readFileSync(uriOf('U1__a.sql').fsPath, 'utf8'), /RAISE EXCEPTION 'Not written yet/);
  });

  it('renames a file that Flyway skips', async () => {
    const uri = writeWorkspaceFile(migration('V1_a.sql'), 'SELECT 1;\nSELECT 2;');
    const skipped = await found(uri, 'flyway/skipped-name');
    assert.deepEqual(placeOf(skipped.range), [0, 0, 0, 9], 'the first line, not the file');
    await vscode.window.showTextDocument(uri);
    await apply(await fixAt(uri, skipped.range, /^Rename to V1__a\.sql$/));
    await until('the new name', () => existsSync(uriOf('V1__a.sql').fsPath) && !existsSync(uri.fsPath));
    await clean(uri);
  });

  it('suppresses with a reason, above the statement, and asks for the reason', async () => {
    const uri = writeWorkspaceFile(migration('V1__a.sql'), 'SELECT 1;\n\nALTER TABLE orders\n  DROP COLUMN fax;\n');
    const { range } = await found(uri, 'rollback/undo-missing');
    await vscode.window.showTextDocument(uri);
    const { prompts } = await activated();
    prompts.script('nobody sends a fax');
    await apply(await fixAt(uri, range, /^Ignore rollback\/undo-missing/));
    const document = await vscode.workspace.openTextDocument(uri);
    assert.match(
      document.getText(),
      /^SELECT 1;\n\n-- dbops-ignore rollback\/undo-missing: nobody sends a fax\nALTER TABLE orders$/m,
    );
    await gone(uri, 'rollback/undo-missing');
  });

  it('shows both of two files with one version, and leads from one to the other', async () => {
    const first = writeWorkspaceFile(migration('V1__a.sql'), 'SELECT 1;');
    const second = writeWorkspaceFile(migration('V1.0__b.sql'), 'SELECT 1;');
    const diagnostic = await found(first, 'flyway/duplicate-version');
    assert.equal(diagnostic.severity, vscode.DiagnosticSeverity.Error);
    assert.equal(diagnostic.relatedInformation?.[0]?.location.uri.fsPath, second.fsPath);
    removeFromWorkspace(migration('V1.0__b.sql'));
    await clean(first);
    assert.deepEqual(ours(second), [], 'nothing stays of a file that is gone');
  });

  it('minds the settings: severity, off, other places', async () => {
    const uri = writeWorkspaceFile(migration('V1__a.sql'), 'DROP TABLE a;');
    await found(uri, 'rollback/undo-missing');
    await useSettings({ 'lint.rules': { 'rollback/undo-missing': 'error' } });
    await until('the severity', () =>
      ours(uri).some(
        (one) => ruleOf(one) === 'rollback/undo-missing' && one.severity === vscode.DiagnosticSeverity.Error,
      ),
    );
    await useSettings({ 'lint.enabled': false });
    await clean(uri);
    await resetSettings();
    await found(uri, 'rollback/undo-missing');
    const elsewhere = writeWorkspaceFile(`${moduleName()}/changes/V1__x.sql`, 'DROP TABLE a;');
    await useSettings({ 'flyway.locations': [`filesystem:${moduleName()}/changes`] });
    await found(elsewhere, 'rollback/undo-missing');
    await clean(uri);
  });

  it('sums up on request, and says when there is nothing to lint', async () => {
    const { prompts } = await activated();
    prompts.script();
    await vscode.commands.executeCommand('dbOps.migrations.lint');
    const [none] = prompts.asked;
    assert.ok(none?.kind === 'notify' && /No Flyway migrations were found/.test(none.message), JSON.stringify(none));
    await useSettings({ 'lint.enabled': false });
    prompts.script();
    await vscode.commands.executeCommand('dbOps.migrations.lint');
    const [off] = prompts.asked;
    assert.ok(off?.kind === 'notify' && /^Lint is switched off/.test(off.message), JSON.stringify(off));
    await useSettings({ 'lint.enabled': undefined });
    const uri = writeWorkspaceFile(migration('V1__a.sql'), 'DROP TABLE a;');
    prompts.script();
    await vscode.commands.executeCommand('dbOps.migrations.lint');
    const [summary] = prompts.asked;
    await found(uri, 'rollback/undo-missing');
    const count = (wanted: vscode.DiagnosticSeverity): number =>
      ours(uri).filter(({ severity }) => severity === wanted).length;
    const { Error, Warning, Information, Hint } = vscode.DiagnosticSeverity;
    const told = `Files: 1. Errors: ${count(Error)}, warnings: ${count(Warning)}, information: ${count(Information)}, hints: ${count(Hint)}.`;
    assert.ok(summary?.kind === 'notify' && summary.message === told, JSON.stringify([told, summary]));
  });

  it('stands a script of 5 MB while the editor goes on', async () => {
    const big = writeWorkspaceFile(
      migration('V1__big.sql'),
      `${"INSERT INTO t VALUES (1, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx');\n".repeat(65_000)}DROP TABLE a;`,
    );
    let longest = 0;
    let before = Date.now();
    const pulse = setInterval(() => {
      longest = Math.max(longest, Date.now() - before);
      before = Date.now();
    }, 20);
    try {
      await until('its finding', () => ours(big).length > 0, 60_000);
    } finally {
      clearInterval(pulse);
    }
    assert.ok(longest < 3_000, `the extension host stood still for ${longest} ms`);
  });
});
