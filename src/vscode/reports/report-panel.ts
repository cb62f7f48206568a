import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { systemClock } from '../../core/ports/clock';
import { joinDisposables, type Disposable } from '../../core/ports/disposable';
import type { ReportRun } from '../../core/reports/report-run';
import { Channel, failureOf, RequestError } from '../../protocol/channel';
import {
  rowAddress,
  textField,
  type ReportEvents,
  type ReportState,
  type RestoredReport,
} from '../../protocol/report-messages';
import { reportHtml } from './report-html';

/** One panel with its report: answers the webview and tells it what changes. */
export class ReportPanel implements Disposable {
  private readonly channel: Channel<Record<string, never>, ReportEvents>;
  private readonly parts: Disposable;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly run: ReportRun,
    origin: RestoredReport,
    extensionUri: vscode.Uri,
  ) {
    this.channel = new Channel({
      post: (message) => void panel.webview.postMessage(message),
      after: (ms, callback) => systemClock.after(ms, callback),
    });
    this.handleRequests();
    panel.title = `${run.report.title}: ${run.connectionName}`;
    panel.webview.options = webviewOptions(extensionUri);
    this.parts = joinDisposables(
      run.onDidChangeState(() => this.channel.emit('state', this.state())),
      run.onDidChangeDocument((document) => this.channel.emit('document', document)),
      panel.webview.onDidReceiveMessage((message: unknown) => this.channel.receive(message)),
      this.channel,
      run,
    );
    const script = vscode.Uri.joinPath(extensionUri, 'dist', 'webview', 'report.js');
    panel.webview.html = reportHtml({
      origin,
      title: panel.title,
      script: panel.webview.asWebviewUri(script).toString(),
      nonce: randomBytes(16).toString('hex'),
    });
  }

  reveal(): void {
    this.panel.reveal();
  }

  dispose(): void {
    this.parts.dispose();
  }

  private handleRequests(): void {
    const { channel, run } = this;
    channel.handle('ready', () => ({ state: this.state(), document: run.document ?? null }));
    channel.handle('refresh', () => {
      void run.refresh();
      return null;
    });
    channel.handle('cancel', () => {
      run.cancel();
      return null;
    });
    channel.handle('choose', (body) => {
      run.choose(textField(body, 'option'), textField(body, 'value'));
      return null;
    });
    channel.handle('detail', (body) => run.detail(rowAddress(body)) ?? gone());
    channel.handle('act', (body) => (run.act(rowAddress(body), textField(body, 'action')) ? null : gone()));
    channel.handle('copyNotice', async (body) => ((await run.copyNotice(textField(body, 'notice'))) ? null : gone()));
  }

  private state(): ReportState {
    const { phase, since, error, action, message } = this.run.state;
    return {
      phase,
      title: this.run.report.title,
      connectionName: this.run.connectionName,
      since,
      sentAt: systemClock.now(),
      failure: phase === 'failed' ? failureOf(error) : null,
      action,
      message,
    };
  }
}

/** Scripts, and files of the two folders that hold what a report needs. */
export function webviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  const folders = [['dist', 'webview'], ['media']];
  return {
    enableScripts: true,
    localResourceRoots: folders.map((folder) => vscode.Uri.joinPath(extensionUri, ...folder)),
  };
}

function gone(): never {
  throw new RequestError(
    'gone',
    vscode.l10n.t('This row is not there any more.'),
    vscode.l10n.t('Refresh the report.'),
  );
}
