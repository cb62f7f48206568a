import * as vscode from 'vscode';
import type { Log } from '../core/ports/log';

/** The extension's one output channel, with VS Code's own log levels. */
export class LogChannel implements Log, vscode.Disposable {
  private readonly channel = vscode.window.createOutputChannel('DB Ops', { log: true });

  debug(message: string): void {
    this.channel.debug(message);
  }
  info(message: string): void {
    this.channel.info(message);
  }
  warn(message: string): void {
    this.channel.warn(message);
  }
  error(message: string, error?: unknown): void {
    this.channel.error(error instanceof Error ? `${message} ${error.stack ?? error.message}` : message);
  }
  show(): void {
    this.channel.show(true);
  }
  dispose(): void {
    this.channel.dispose();
  }
}
