import type { ReportDocument, RowAddress, RowDetail } from '../document';
import type { ActionResult, ActionTools, Reading } from '../report';
import { withReportSession } from '../report-session';
import { copyStatement, statementDetail } from './statement-detail';
import type { StatementEntry, StatementReading } from './statement-entry';
import { textsStatement, type Source } from './statements';

/** The longest text of a field in PostgreSQL, 1 GB, in characters. */
const wholeText = 1_000_000_000;

/** The statements of one reading, with what their rows can do. */
export class StatementsReading implements Reading {
  private readonly byKey: ReadonlyMap<string, StatementEntry>;

  constructor(
    readonly document: ReportDocument,
    private readonly reading: StatementReading,
    private readonly source: Source,
  ) {
    this.byKey = new Map(reading.entries.map((entry) => [entry.key, entry]));
  }

  detail(address: RowAddress): RowDetail | undefined {
    const entry = this.byKey.get(address.row);
    return entry && statementDetail(entry, this.reading.sizes);
  }

  act(address: RowAddress, action: string, tools: ActionTools): Promise<ActionResult> | undefined {
    const entry = this.byKey.get(address.row);
    return entry?.text && action === copyStatement ? this.copy(entry, entry.text.text, tools) : undefined;
  }

  private async copy(entry: StatementEntry, shown: string, tools: ActionTools): Promise<ActionResult> {
    const whole =
      entry.text !== undefined && entry.text.length > shown.length ? await this.readWhole(entry, tools) : shown;
    await tools.copy(whole ?? shown);
    return {
      message:
        whole === undefined ? 'The statement was evicted meanwhile: its beginning is copied.' : 'Statement copied.',
      changed: false,
    };
  }

  private async readWhole(entry: StatementEntry, tools: ActionTools): Promise<string | undefined> {
    const [found] = await withReportSession(tools.connections, tools.profile.id, tools.signal, (session) =>
      session.read(textsStatement(this.source, [entry.stats], wholeText), tools.signal),
    );
    return found?.text;
  }
}
