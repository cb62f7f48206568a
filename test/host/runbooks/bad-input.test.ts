import assert from 'node:assert/strict';
import MarkdownIt from 'markdown-it';
import * as vscode from 'vscode';
import type { ActionGate } from '../../../src/core/runbooks/action-gate';
import type { TestApi } from '../../../src/extension';
import { OwnRunner } from '../../../src/vscode/runbooks/own-runner';
import { lockChain, type Fault } from '../../lab/faults';
import type { Lab } from '../../lab/lab';
import { sharedLab } from '../../lab/shared-lab';
import { connectionTo, removeConnections } from '../support/connection';
import { activated } from '../support/extension';
import { resetSettings } from '../support/settings';
import { until } from '../support/until';
import { closeEditors, removeFromWorkspace, writeWorkspaceFile } from '../support/workspace';
import { report } from './chain';
import { cellOf, closeNotebooks, ended, endOf, openBy, openFile, run, shown, start } from './notebook';

/** A table as bad as PostgreSQL allows. */
const hostile = 'a"; DROP TABLE x; --\n# h1 <img src=x onerror=alert(1)> | [l](command:y) `c` *b* é 🐘 \u202Etxt';
const quoted = `"${hostile.replaceAll('"', '""')}"`;

describe('bad input of runbooks', function () {
  this.timeout(60_000);
  let lab: Lab;
  let api: TestApi;
  let faults: Fault[] = [];
  before(async () => {
    lab = await sharedLab();
    api = await activated();
  });
  beforeEach(() => api.prompts.script());
  afterEach(async () => {
    await Promise.all(faults.map((fault) => fault.heal()));
    faults = [];
    await closeNotebooks();
    await closeEditors();
    await resetSettings();
    await removeConnections();
    removeFromWorkspace('runbooks');
    removeFromWorkspace('.dbops');
  });

  async function runCell(notebook: vscode.NotebookDocument, index: number): Promise<string> {
    const cell = notebook.cellAt(index);
    const before = endOf(cell);
    await start(notebook, cell);
    await ended(cell, before);
    assert.equal(cell.executionSummary?.success, false, `cell ${index} is marked`);
    return shown(cell);
  }
  /** Of the lock contention runbook, by a new one. */
  async function currentVersion(): Promise<number> {
    const { metadata } = await openBy('dbOps.runbook.open.lock-contention');
    return Number(metadata['version']);
  }
  const sent = async (id: string): Promise<number> => (await api.alerts.load()).history.actions(id, 0, Infinity).length;

  it('a notebook edited into nonsense runs nothing, and each cell says why', async () => {
    const { id } = await connectionTo(lab.primary, { name: 'shop' });
    const cell = (meta: object, text: string): string =>
      `<!-- dbops:cell ${JSON.stringify(meta)} -->\n\`\`\`sql\n${text}\n\`\`\`\n<!-- dbops:end -->`;
    const file = (head: object, connection: unknown, ...cells: readonly string[]): string =>
      [
        `<!-- dbops:runbook ${JSON.stringify(head)} -->\n<!-- dbops:connection ${JSON.stringify(connection)} -->`,
        ...cells,
      ].join('\n\n');
    const here = { id, name: 'shop' };
    const version = await currentVersion();
    const several = 'SELECT 1; CREATE TABLE made_by_nonsense (i int)';
    const odd: readonly (readonly [string, readonly RegExp[]])[] = [
      [
        file(
          { id: 'lock-contention', version, opened: 'now', parameters: [1, { x: 2 }] },
          here,
          cell({ step: 'graph', language: 'sql' }, several),
          cell({ step: 'act', language: 'sql', kind: 'diagnose' }, several),
          cell({ step: 'no such step', language: 'sql' }, several),
          cell({ language: 'sql', kind: 'act' }, several),
          cell({ step: ['graph'], language: 'sql' }, several),
        ),
        [/was edited/, /was edited/, /not a step/, /not a step/, /not a step/],
      ],
      [
        file({ id: 'lock-contention', version }, { id: 7 }, cell({ step: 'graph', language: 'sql' }, several)),
        [/The connection \? of this runbook is not among the saved ones/],
      ],
      [
        file({ id: 'lock-contention', version: 99 }, here, cell({ step: 'graph', language: 'sql' }, several)),
        [/not a runbook of this version/],
      ],
      [
        file({ id: '../../constructor', version: 1 }, here, cell({ step: 'graph', language: 'sql' }, several)),
        [/not a runbook of this version/],
      ],
      [
        file({ id: 'own', version: 1 }, here, cell({ language: 'sql', kind: 'act' }, several)),
        [/runs only from the folder \.dbops\/runbooks/],
      ],
    ];
    for (const [index, [text, expected]] of odd.entries()) {
      const notebook = await openFile(writeWorkspaceFile(`runbooks/odd-${index}.dbops.md`, text));
      for (const [at, pattern] of expected.entries()) assert.match(await runCell(notebook, at), pattern);
    }
    assert.deepEqual(await lab.primary.run("SELECT 1 FROM pg_class WHERE relname = 'made_by_nonsense'"), []);
    assert.deepEqual(api.prompts.asked, []);
    assert.equal(await sent(id), 0);
  });

  it('a runbook of the workspace: diagnostics by line, several statements refused, nothing without trust', async () => {
    const profile = await connectionTo(lab.primary, { name: 'shop' });
    const text = (statement: string): string =>
      `<!-- dbops:runbook {"id":"own","version":1} -->\n\n<!-- dbops:cell {"language":"sql"} -->\n\`\`\`sql\n${statement}\n\`\`\`\n<!-- dbops:end -->\n`;
    const uri = writeWorkspaceFile('.dbops/runbooks/ours.dbops.md', text('SELECT 1; SELECT 2'));
    const notebook = await openFile(uri);
    const problems = (): string[] =>
      vscode.languages
        .getDiagnostics(uri)
        .map(({ message, range, source }) => `${source} ${range.start.line + 1}: ${message}`);
    await until('it is in the Problems view', () => problems().length === 1);
    assert.match(problems()[0] ?? '', /^DB Ops runbooks 3: There are 2 statements in this cell/);
    assert.match(await runCell(notebook, 0), /There are 2 statements in this cell.*Nothing was run/);
    const untrusting = new OwnRunner(api.monitor, api.prompts, undefined as unknown as ActionGate, () => false);
    await assert.rejects(untrusting.run(notebook.cellAt(0), new AbortController().signal), {
      reason: 'not-run',
      message: /run in trusted workspaces only: run "Workspaces: Manage Workspace Trust"/,
    });
    const edit = new vscode.WorkspaceEdit();
    edit.replace(notebook.cellAt(0).document.uri, new vscode.Range(0, 0, 1, 0), 'SELECT 1');
    await vscode.workspace.applyEdit(edit);
    // VS Code may have saved it by itself meanwhile.
    assert.ok((await notebook.save()) || !notebook.isDirty);
    await until('it is mended', () => problems().length === 0);
    assert.equal(await sent(profile.id), 0);
  });

  it('a file of a megabyte: a record opens, what is too large says so, and nobody waits', async () => {
    const profile = await connectionTo(lab.primary, { name: 'shop' });
    const version = await currentVersion();
    const head = (id: string): string =>
      `<!-- dbops:runbook {"id":"${id}","version":${id === 'own' ? 1 : version}} -->\n<!-- dbops:connection ${JSON.stringify({ id: profile.id, name: 'shop' })} -->\n\n`;
    const large = (id: string, bytes: number): string => {
      const line = '| 1 | orders-api | idle in transaction | 94 s |\n';
      const rows = line.repeat(Math.ceil(bytes / line.length));
      return `${head(id)}<!-- dbops:cell {"step":"verdict","language":"plaintext"} -->\n\`\`\`plaintext\nWhich session holds up the others, and the next step\n\`\`\`\n<!-- dbops:output -->\n${rows}<!-- dbops:end -->\n`;
    };
    const began = Date.now();
    const record = await openFile(writeWorkspaceFile('runbooks/record.dbops.md', large('lock-contention', 1e6)));
    assert.equal(record.cellCount, 1);
    assert.match(await run(record, 'verdict'), /Nobody waits|edited/);
    const refused = /has \d+ kB, and more than (2000|500) kB are not opened as one: nothing was read and nothing runs/;
    const huge = writeWorkspaceFile('runbooks/huge.dbops.md', large('lock-contention', 3e6));
    await assert.rejects(async () => vscode.workspace.openNotebookDocument(huge), refused);
    const own = writeWorkspaceFile('.dbops/runbooks/large.dbops.md', large('own', 1e6));
    await assert.rejects(async () => vscode.workspace.openNotebookDocument(own), refused);
    await vscode.workspace.openTextDocument(own);
    await until('its diagnostic', () => vscode.languages.getDiagnostics(own).length === 1);
    assert.match(vscode.languages.getDiagnostics(own)[0]?.message ?? '', /larger than 500 kB: it opens as text only/);
    assert.ok(Date.now() - began < 20_000, `${Date.now() - began} ms`);
  });

  it('names with quotes, lines, Markdown and HTML stay names: in the cells, the question and the report', async () => {
    const name = 'shop <b>|*x*';
    const profile = await connectionTo(lab.primary, { name, database: 'postgres' });
    await lab.primary.run(`CREATE ROLE "r <i>|_x_""" SUPERUSER LOGIN PASSWORD '${lab.primary.password}'`);
    const chain = await lockChain(lab.primary, { table: quoted, user: 'r <i>|_x_"' });
    faults.push(chain);
    const renderer = new MarkdownIt({ html: true, linkify: true });
    const clean = (markdown: string): string => {
      const html = renderer.render(markdown);
      assert.doesNotMatch(html, /<(img|b|i|a|script|h1)\b/i, html.slice(0, 3000));
      return html;
    };
    const markdownOf = (cell: vscode.NotebookCell): string => {
      const item = cell.outputs[0]?.items.find(({ mime }) => mime === 'text/markdown');
      return item ? new TextDecoder().decode(item.data) : '';
    };
    const notebook = await openBy('dbOps.runbook.open.lock-contention', {
      kind: 'connection',
      connectionId: profile.id,
    });
    for (const step of ['graph', 'locks', 'verdict']) clean(markdownOf(cellOf(notebook, step)));
    assert.match(
      clean(markdownOf(cellOf(notebook, 'locks'))),
      /DROP TABLE x; -- # h1 &lt;img src=x onerror=alert\(1\)&gt;/,
    );
    assert.match(shown(cellOf(notebook, 'verdict')), /role r <i>\|_x_"/);
    api.prompts.script(`Terminate ${chain.pids.a}`, true);
    assert.match(await run(notebook, 'act'), /Done\./);
    const confirm = api.prompts.asked.find(({ kind }) => kind === 'confirm');
    assert.ok(confirm?.kind === 'confirm' && confirm.question.title.includes(name));
    assert.match(confirm.question.detail, /Role r <i>\|_x_"/);
    await report(notebook, /^# Incident on shop &lt;b&gt;&#124;\\\*x\\\*/, 'Done');
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    const html = renderer.render(text.replace(/<\/?(details|summary)>/g, ''));
    assert.doesNotMatch(html, /<(img|b|i|a|script)\b/i);
    assert.equal(html.match(/<h1/g)?.length, 1, 'one title, the own one');
    faults = [];
    await chain.heal();
    await lab.primary.run(`DROP OWNED BY "r <i>|_x_"""; DROP ROLE "r <i>|_x_"""`);
  });
});
