import * as vscode from 'vscode';
import { systemClock } from '../../core/ports/clock';
import type { Connections } from '../../core/ports/connections';
import type { Log } from '../../core/ports/log';
import type { Prompts } from '../../core/ports/prompts';
import { BloatReport } from '../../core/reports/bloat/bloat-report';
import type { ReportId } from '../../core/reports/document';
import type { Report } from '../../core/reports/report';
import { ReportRun } from '../../core/reports/report-run';
import { SlowQueriesReport } from '../../core/reports/slow-queries/slow-queries-report';
import { readRestored, type RestoredReport } from '../../protocol/report-messages';
import { reportPanelType } from '../../contributions';
import { pickConnection } from '../connections/pick-connection';
import { ReportPanel, webviewOptions } from './report-panel';
import { WorkerTableExtractor } from './worker-table-extractor';

/** The panels of the reports, one for each report of a connection. Loaded when the first one is opened. */
export class Reports implements vscode.Disposable {
  private readonly open = new Map<string, { readonly panel: ReportPanel; readonly run: ReportRun }>();
  /** A report of its own for each panel: what was measured in one database says nothing of another. */
  private readonly make: Readonly<Record<ReportId, () => Report>>;

  constructor(
    private readonly connections: Connections,
    private readonly prompts: Prompts,
    private readonly log: Log,
    private readonly extensionUri: vscode.Uri,
  ) {
    const worker = vscode.Uri.joinPath(extensionUri, 'dist', 'tables-worker.js').fsPath;
    this.make = {
      slowQueries: () => new SlowQueriesReport(new WorkerTableExtractor(worker)),
      bloat: () => new BloatReport(),
    };
  }

  /** Opens a report, or shows the one that is open and reads it anew. */
  async show(id: ReportId, argument: unknown): Promise<void> {
    const { title } = this.make[id]();
    const profile = await pickConnection(this.connections.profiles, this.prompts, argument, title);
    if (!profile) return;
    const known = this.open.get(keyOf(id, profile.id));
    if (known) {
      known.panel.reveal();
      void known.run.refresh();
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      reportPanelType,
      title,
      vscode.ViewColumn.Active,
      webviewOptions(this.extensionUri),
    );
    this.fill(panel, { report: id, connectionId: profile.id, options: {} });
  }

  /** Fills a panel that VS Code kept over a reload. */
  restore(panel: vscode.WebviewPanel, state: unknown): void {
    const origin = readRestored(state);
    if (!origin || this.open.has(keyOf(origin.report, origin.connectionId))) panel.dispose();
    else this.fill(panel, origin);
  }

  /** What is open, for the host tests. */
  runs(): readonly ReportRun[] {
    return [...this.open.values()].map(({ run }) => run);
  }

  dispose(): void {
    for (const { panel } of this.open.values()) panel.dispose();
    this.open.clear();
  }

  private fill(panel: vscode.WebviewPanel, origin: RestoredReport): void {
    const run = new ReportRun(this.make[origin.report](), origin.connectionId, origin.options, {
      connections: this.connections,
      prompts: this.prompts,
      clock: systemClock,
      log: this.log,
      copy: async (text) => vscode.env.clipboard.writeText(text),
    });
    const filled = new ReportPanel(panel, run, origin, this.extensionUri);
    const key = keyOf(origin.report, origin.connectionId);
    this.open.set(key, { panel: filled, run });
    panel.onDidDispose(() => {
      this.open.delete(key);
      filled.dispose();
    });
    void run.refresh();
  }
}

function keyOf(report: ReportId, connectionId: string): string {
  return JSON.stringify([report, connectionId]);
}
