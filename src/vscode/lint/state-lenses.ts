import * as vscode from 'vscode';
import { commands } from '../../contributions';
import { lookOf, unknownWords, type FileStates } from './file-states';

/** Above the first line of a migration: what the bound database says of it. */
export class StateLenses implements vscode.CodeLensProvider {
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changes.event;

  constructor(private readonly states: FileStates) {}

  changed(): void {
    this.changes.fire();
  }

  provideCodeLenses({ uri }: vscode.TextDocument): vscode.CodeLens[] {
    const state = this.states.of(uri);
    if (!state) return [];
    const { icon, words } = state.kind === 'known' ? lookOf(state) : { icon: 'question', words: unknownWords(state) };
    const title = `$(${icon}) ${words}`;
    const tooltip = vscode.l10n.t('Show Flyway Configuration');
    return [
      new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), {
        title,
        tooltip,
        command: commands.showFlywayConfiguration,
        arguments: [uri.toString()],
      }),
    ];
  }
}

/** A letter on each migration file in the explorer and on its tab. */
export class StateDecorations implements vscode.FileDecorationProvider {
  private readonly changes = new vscode.EventEmitter<vscode.Uri[] | undefined>();
  readonly onDidChangeFileDecorations = this.changes.event;

  constructor(private readonly states: FileStates) {}

  /** Undefined: all of them. */
  changed(uris: vscode.Uri[] | undefined): void {
    this.changes.fire(uris);
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    const state = this.states.of(uri);
    if (!state) return undefined;
    if (state.kind === 'unknown')
      return new vscode.FileDecoration('?', unknownWords(state), new vscode.ThemeColor('descriptionForeground'));
    const { badge, words, color } = lookOf(state);
    if (badge === undefined) return undefined;
    return new vscode.FileDecoration(badge, words, color === undefined ? undefined : new vscode.ThemeColor(color));
  }
}
