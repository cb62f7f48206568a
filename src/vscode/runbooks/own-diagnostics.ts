import * as vscode from 'vscode';
import { checkOwnFile } from '../../core/runbooks/own/own-file';
import { isOwnPlace, ownFiles } from './own-files';

/** Says in the Problems view what of the workspace's runbooks cannot run. */
export class OwnDiagnostics implements vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection('dbOps.runbooks');
  private readonly watcher = vscode.workspace.createFileSystemWatcher('**/.dbops/runbooks/*.md');
  private readonly subscriptions = vscode.Disposable.from(
    this.collection,
    this.watcher,
    this.watcher.onDidChange((uri) => void this.check(uri)),
    this.watcher.onDidCreate((uri) => void this.check(uri)),
    this.watcher.onDidDelete((uri) => this.collection.delete(uri)),
    // A watcher may miss a file in a folder that was made a moment ago.
    vscode.workspace.onDidOpenNotebookDocument(({ uri }) => void this.check(uri)),
    vscode.workspace.onDidOpenTextDocument(({ uri }) => void this.check(uri)),
    vscode.workspace.onDidSaveNotebookDocument(({ uri }) => void this.check(uri)),
    vscode.workspace.onDidSaveTextDocument(({ uri }) => void this.check(uri)),
  );

  constructor() {
    void ownFiles().then(async (files) => {
      for (const uri of files) await this.check(uri);
    });
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private async check(uri: vscode.Uri): Promise<void> {
    if (!isOwnPlace(uri) || !uri.path.endsWith('.md')) return;
    const content = await vscode.workspace.fs.readFile(uri).then(undefined, () => undefined);
    if (!content) {
      this.collection.delete(uri);
      return;
    }
    const problems = checkOwnFile(new TextDecoder().decode(content).replace(/\r\n/g, '\n'));
    this.collection.set(
      uri,
      problems.map(({ line, message }) => {
        const range = new vscode.Range(line - 1, 0, line - 1, 1000);
        const diagnostic = new vscode.Diagnostic(range, message, vscode.DiagnosticSeverity.Error);
        diagnostic.source = 'DB Ops runbooks';
        return diagnostic;
      }),
    );
  }
}
