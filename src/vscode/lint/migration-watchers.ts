import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { outermost } from '../../core/flyway/locations';

/** Files that tell where the migrations are, and migrations as most projects name them. */
const everywhere =
  '**/{*.sql,*.sql.*,flyway.conf,*.toml,application*.yml,application*.yaml,application*.properties,pom.xml,build.gradle,build.gradle.kts}';

/** No more folders than this are watched one by one. */
const mostFolders = 200;

/** Tells of files that may change what Flyway reads: configurations, and everything in the folders of migrations. */
export class MigrationWatchers implements vscode.Disposable {
  private readonly common: vscode.Disposable;
  private folders: readonly string[] = [];
  private ofFolders: vscode.Disposable[] = [];
  private watched = '';

  constructor(private readonly changed: () => void) {
    this.common = vscode.Disposable.from(this.watch(everywhere), this.watchWholeFolders());
  }

  /** The folders of migrations, whose scripts may have any suffix. */
  watchFolders(folders: readonly string[]): void {
    const wanted = [...folders].sort().join('\n');
    if (wanted === this.watched) return;
    this.watched = wanted;
    this.folders = folders;
    for (const watcher of this.ofFolders) watcher.dispose();
    this.ofFolders = [
      ...outermost(folders).map((folder) => this.watch(new vscode.RelativePattern(vscode.Uri.file(folder), '**'))),
      ...folders.slice(0, mostFolders).map((folder) => this.watchDirectly(folder)),
    ];
  }

  dispose(): void {
    this.common.dispose();
    for (const watcher of this.ofFolders) watcher.dispose();
  }

  /** A folder that is deleted or moved in as a whole is one event of the folder, none of the files in it. */
  private watchWholeFolders(): vscode.Disposable {
    const watcher = vscode.workspace.createFileSystemWatcher('**/*', false, true, false);
    return vscode.Disposable.from(
      watcher,
      watcher.onDidDelete(({ fsPath }) => {
        const gone = `${fsPath.replaceAll('\\', '/')}/`;
        if (this.folders.some((folder) => `${folder}/`.startsWith(gone))) this.folderChanged();
      }),
      watcher.onDidCreate((uri) => {
        // Asked only of what may be a folder; it may be gone again.
        if (path.extname(uri.fsPath) !== '') return;
        void vscode.workspace.fs.stat(uri).then(
          ({ type }) => {
            if (type & vscode.FileType.Directory) this.folderChanged();
          },
          () => undefined,
        );
      }),
    );
  }

  /** A folder of the same name may be another one now: it is watched anew. */
  private folderChanged(): void {
    this.watched = '';
    this.changed();
  }

  /** VS Code's watcher misses what happens in nested folders that were made a moment ago, on Linux at least. */
  private watchDirectly(folder: string): vscode.Disposable {
    try {
      const watcher = fs.watch(folder, { persistent: false }, this.changed);
      // The folder is gone, or the system has no more watches: VS Code's watcher is left.
      watcher.on('error', () => watcher.close());
      return new vscode.Disposable(() => watcher.close());
    } catch {
      return new vscode.Disposable(() => undefined);
    }
  }

  private watch(pattern: vscode.GlobPattern): vscode.Disposable {
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    return vscode.Disposable.from(
      watcher,
      watcher.onDidChange(this.changed),
      watcher.onDidCreate(this.changed),
      watcher.onDidDelete(this.changed),
    );
  }
}
