import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { activated } from '../support/extension';
import { resetSettings } from '../support/settings';
import { until } from '../support/until';
import { closeEditors, removeFromWorkspace, workspaceFolder, writeWorkspaceFile } from '../support/workspace';
import { actionsAt, apply, fixAt, found, gone, ModuleFiles, nothingLeft, ours, ruleOf } from './module-files';

/** Every fix is applied as a person does, and what it leaves is linted again. */
describe('quick fixes of migrations', () => {
  let tests = 0;
  let files = new ModuleFiles('fixes-0');
  before(async () => {
    await activated();
    await vscode.workspace.getConfiguration('files').update('autoSave', 'off', vscode.ConfigurationTarget.Global);
  });
  beforeEach(() => {
    files = new ModuleFiles(`fixes-${++tests}`);
    files.write('V1__base.sql', 'CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, status text);\n');
    files.write('U1__base.sql', '-- irreversible: the orders are kept in the archive\nDROP TABLE orders;\n');
  });
  afterEach(async () => {
    await saveAllDocuments();
    await closeEditors();
    removeFromWorkspace(files.name);
    await resetSettings();
    await nothingLeft();
  });
  after(() =>
    vscode.workspace.getConfiguration('files').update('autoSave', undefined, vscode.ConfigurationTarget.Global),
  );

  /** `saveAll` saves what has an editor, which VS Code gives to a document that an edit has changed only a moment later. */
  const saveAllDocuments = async (): Promise<void> => {
    for (const document of vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty)) await document.save();
  };
  const unsaved = (): string[] =>
    vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty).map(({ uri }) => uri.path);
  const textOf = (name: string): string => readFileSync(files.uriOf(name).fsPath, 'utf8');
  const worse = (name: string): string[] =>
    ours(files.uriOf(name))
      .filter(({ severity }) => severity <= vscode.DiagnosticSeverity.Warning)
      .map(ruleOf);

  async function fixed(name: string, rule: string, title: RegExp): Promise<void> {
    const uri = files.uriOf(name);
    const { range } = await found(uri, rule);
    await vscode.window.showTextDocument(uri);
    await apply(await fixAt(uri, range, title));
    await gone(uri, rule);
    await saveAllDocuments();
  }

  it('CONCURRENTLY moves to a new V and U, and the lock that would hang is turned off', async () => {
    const yml = writeWorkspaceFile(
      `${files.name}/src/main/resources/application.yml`,
      'spring:\n  flyway:\n    locations: classpath:db/migration\n',
    );
    // The undo first: the fix is made from what lint has read when the finding appears.
    files.write('U2__x.sql', 'DROP INDEX orders_status;\nALTER TABLE orders DROP COLUMN n;\n');
    const before = 'ALTER TABLE orders ADD COLUMN n text;\nCREATE INDEX orders_status ON orders (status);\n';
    const v = files.write('V2__x.sql', before);
    const { range } = await found(v, 'safety/create-index');
    await vscode.window.showTextDocument(v);
    await apply(await fixAt(v, range, /^Move to V3__orders_status\.sql, CONCURRENTLY/));
    assert.deepEqual(unsaved(), []);
    await gone(v, 'safety/create-index');
    assert.equal(textOf('V2__x.sql'), 'ALTER TABLE orders ADD COLUMN n text;\n');
    assert.equal(textOf('U2__x.sql'), 'ALTER TABLE orders DROP COLUMN n;\n');
    assert.equal(textOf('V3__orders_status.sql'), 'CREATE INDEX CONCURRENTLY orders_status ON orders (status);\n');
    assert.ok(existsSync(files.uriOf('U3__orders_status.sql').fsPath));
    assert.match(readFileSync(yml.fsPath, 'utf8'), /^spring\.flyway\.postgresql\.transactional-lock: false\n/);
    await until('nothing that warns in the new files', () =>
      ['V3__orders_status.sql', 'U3__orders_status.sql', 'V2__x.sql'].every((name) => worse(name).length === 0),
    );
    await vscode.window.showTextDocument(v);
    await vscode.commands.executeCommand('undo');
    await until('one undo takes all of it back', () => !existsSync(files.uriOf('V3__orders_status.sql').fsPath));
    assert.ok(!existsSync(files.uriOf('U3__orders_status.sql').fsPath));
    assert.equal((await vscode.workspace.openTextDocument(v)).getText(), before);
    assert.doesNotMatch((await vscode.workspace.openTextDocument(yml)).getText(), /transactional-lock/);
  });

  it('REINDEX takes a .conf, and a file that is there is never overwritten', async () => {
    files.write('V2__x.sql', 'REINDEX TABLE orders;\n');
    await fixed('V2__x.sql', 'safety/reindex', /^Run it CONCURRENTLY/);
    assert.equal(textOf('V2__x.sql.conf'), 'executeInTransaction=false\n');
    assert.equal(textOf('V2__x.sql'), 'REINDEX TABLE CONCURRENTLY orders;\n');
    // The name that the fix would choose is taken by a file that Flyway does not read as a version.
    const uri = files.write('V4__y.sql', 'SELECT 1;\nCREATE INDEX orders_status ON orders (status);\n');
    const { range } = await found(uri, 'safety/create-index');
    const taken = files.write('V5__orders_status.sql', 'SELECT 5;\n');
    await vscode.window.showTextDocument(uri);
    await apply(await fixAt(uri, range, /^Move to V6__orders_status\.sql/));
    assert.equal(readFileSync(taken.fsPath, 'utf8'), 'SELECT 5;\n');
  });

  it('nothing is written where VS Code reads a script in another encoding than the project has', async () => {
    const { prompts } = await activated();
    writeWorkspaceFile(
      `${files.name}/src/main/resources/application.yml`,
      'spring:\n  flyway:\n    encoding: ISO-8859-1\n',
    );
    const uri = files.write('V2__x.sql', Buffer.from('-- für alle\nREINDEX TABLE orders;\n', 'latin1'));
    const { range } = await found(uri, 'safety/reindex');
    await vscode.window.showTextDocument(uri);
    prompts.script();
    await apply(await fixAt(uri, range, /^Run it CONCURRENTLY/));
    const told = prompts.asked.find((one) => one.kind === 'notify');
    assert.match(told?.message ?? '', /V2__x\.sql in its encoding: nothing was written\.$/);
    assert.ok(!existsSync(files.uriOf('V2__x.sql.conf').fsPath));
    assert.deepEqual(unsaved(), []);
  });

  it('a lock_timeout, a foreign key that is validated later, a key that takes over its index', async () => {
    files.write('V2__x.sql', 'ALTER TABLE orders ADD COLUMN n text;\n');
    await fixed('V2__x.sql', 'safety/lock-timeout', /^Insert SET LOCAL lock_timeout/);
    assert.equal(textOf('V2__x.sql'), "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN n text;\n");
    files.write(
      'V3__fk.sql',
      'ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (customer_id) REFERENCES orders (id);\n',
    );
    await fixed('V3__fk.sql', 'safety/foreign-key-not-valid', /NOT VALID, and validate in V4__validate_fk\.sql/);
    assert.equal(textOf('V4__validate_fk.sql'), 'ALTER TABLE "orders" VALIDATE CONSTRAINT "fk";\n');
    files.write('V5__u.sql', 'ALTER TABLE orders ADD CONSTRAINT u UNIQUE (status);\n');
    await fixed('V5__u.sql', 'safety/unique-using-index', /^Build the index CONCURRENTLY/);
    assert.match(textOf('V6__u.sql'), /UNIQUE USING INDEX "u"/);
  });

  it('an acknowledgement is written with the reason that was given, and with none nothing is', async () => {
    const { prompts } = await activated();
    files.write('V2__x.sql', 'DROP TABLE orders;\n');
    files.write('U2__x.sql', 'CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, status text);\n');
    const uri = files.uriOf('V2__x.sql');
    const { range } = await found(uri, 'rollback/irreversible');
    await vscode.window.showTextDocument(uri);
    prompts.script('   ');
    await apply(await fixAt(uri, range, /^Say why the data may go/));
    assert.equal((await vscode.workspace.openTextDocument(uri)).getText(), 'DROP TABLE orders;\n');
    prompts.script('billing\nhas it');
    await apply(await fixAt(uri, range, /^Say why the data may go/));
    await gone(uri, 'rollback/irreversible');
    const document = await vscode.workspace.openTextDocument(uri);
    assert.equal(document.getText(), '-- irreversible: billing has it\nDROP TABLE orders;\n');
    await document.save();
  });

  it('a version that is taken becomes the next one', async () => {
    files.write('V2__a.sql', 'SELECT 1;\n');
    const uri = files.write('V2.0__b.sql', 'SELECT 2;\n');
    const { range } = await found(uri, 'flyway/duplicate-version');
    await vscode.window.showTextDocument(uri);
    await apply(await fixAt(uri, range, /^Rename to V3__b\.sql$/));
    await until('the new name', () => existsSync(files.uriOf('V3__b.sql').fsPath) && !existsSync(uri.fsPath));
    await gone(files.uriOf('V2__a.sql'), 'flyway/duplicate-version');
  });

  it('offers nothing for a text that has changed since', async () => {
    const uri = files.write('V2__x.sql', 'CREATE INDEX orders_status ON orders (status);\n');
    const { range } = await found(uri, 'safety/create-index');
    const editor = await vscode.window.showTextDocument(uri);
    await fixAt(uri, range, /CONCURRENTLY/);
    const typed = editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '-- a word\n'));
    const actions = await actionsAt(uri, range);
    await typed;
    // What was offered before the key fits the text before it; then nothing, or what fits the new one.
    for (const { edit } of actions)
      for (const [, edits] of edit?.entries() ?? [])
        assert.ok(edits.every((one) => one.range.end.line <= editor.document.lineCount));
    const moved = await until('the finding has moved', () =>
      ours(uri).find((one) => ruleOf(one) === 'safety/create-index' && one.range.start.line === 1),
    );
    await apply(await fixAt(uri, moved.range, /CONCURRENTLY/));
    await vscode.workspace.saveAll();
    assert.equal(textOf('V2__x.sql'), '-- a word\nCREATE INDEX CONCURRENTLY orders_status ON orders (status);\n');
    assert.ok(workspaceFolder());
  });
});
