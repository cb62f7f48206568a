import * as vscode from 'vscode';

/** Files that tell where the migrations are, and migrations as most projects name them. */
const everywhere =
  '**/{*.sql,*.sql.*,flyway.conf,*.toml,application*.yml,application*.yaml,application*.properties,pom.xml,build.gradle,build.gradle.kts}';

/** Tells of files that may change what Flyway reads: configurations, and everything in the folders of migrations. */
export class MigrationWatchers implements vscode.Disposable {
  private readonly common: vscode.Disposable;
  private ofFolders: vscode.Disposable[] = [];
  private watched = '';

  constructor(private readonly changed: () => void) {
    this.common = this.watch(everywhere);
  }

  /** The folders of migrations, whose scripts may have any suffix. */
  watchFolders(folders: readonly string[]): void {
    const wanted = [...folders].sort().join('\n');
    if (wanted === this.watched) return;
    this.watched = wanted;
    for (const watcher of this.ofFolders) watcher.dispose();
    this.ofFolders = folders.map((folder) => this.watch(new vscode.RelativePattern(vscode.Uri.file(folder), '**')));
  }

  dispose(): void {
    this.common.dispose();
    for (const watcher of this.ofFolders) watcher.dispose();
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
