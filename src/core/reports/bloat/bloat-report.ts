import { DatabaseError } from '../../ports/database-error';
import type { Session, Statement } from '../../ports/session';
import type { ReportDocument, RowAddress, RowDetail } from '../document';
import { documentOf } from '../document-head';
import type { ActionResult, ActionTools, ReadContext, Reading, Report } from '../report';
import { confirmAction, indexCandidate, indexDetail, tableCandidate, tableDetail } from './bloat-detail';
import { basisStatement, estimateAll, type BloatBasis, type BloatFindings } from './bloat-findings';
import { bloatNotices } from './bloat-notices';
import { indexSection, tableSection, wastedTotal } from './bloat-sections';
import { confirmCandidate, confirmedText, type Candidate, type Confirmed } from './confirm';
import { horizonNotice, horizonSection, horizonStatement, type HorizonHolder } from './horizon';
import { indexRowsStatement } from './index-rows';
import { tableRowsStatement } from './table-rows';

/**
 * Bloat of tables and b-tree indexes by estimate, each with how far it can be trusted; one candidate measured on request.
 * What was measured is kept over refreshes, with its age. One instance serves one panel.
 */
export class BloatReport implements Report {
  readonly id = 'bloat';
  readonly title = 'Bloat';
  private readonly confirmed = new Map<string, Confirmed>();

  async read(context: ReadContext): Promise<Reading> {
    const { session, signal } = context;
    const [basis] = await session.read(basisStatement, signal);
    if (!basis) throw new DatabaseError('statement-failed', 'The server did not tell the basis of the estimates.');
    const holders = await session.read(horizonStatement, signal);
    const tables = await readTwice(session, tableRowsStatement, signal);
    const indexes = await readTwice(session, indexRowsStatement, signal);
    const findings = estimateAll(tables, indexes, basis, context.now);
    return new BloatReading(findings, holders, this.confirmed, (reading) => this.document(context, basis, reading));
  }

  private document(context: ReadContext, basis: BloatBasis, { findings, holders }: BloatReading): ReportDocument {
    const { user } = context.session.capabilities;
    return documentOf(this, context, {
      facts: [
        {
          label: 'Wasted, by trusted estimates',
          value: `tables ${wastedTotal(findings.tables)} · indexes ${wastedTotal(findings.indexes)}`,
        },
        {
          label: 'Counters since',
          value: basis.countersSince ?? 'the creation of the database or the last crash, which sets them back',
        },
      ],
      notices: [horizonNotice(holders, basis.seesAll), ...bloatNotices(findings, basis, user)],
      options: [],
      sections: [
        ...horizonSection(holders),
        tableSection(findings, this.confirmed),
        indexSection(findings, this.confirmed),
      ],
    });
  }
}

/** A table locked between the look at the locks and the size is left out by the second look. */
async function readTwice<Row>(
  session: Session,
  statement: Statement<Row>,
  signal: AbortSignal,
): Promise<readonly Row[]> {
  try {
    return await session.read(statement, signal);
  } catch (error) {
    if (!(error instanceof DatabaseError && error.reason === 'lock-timeout')) throw error;
    return session.read(statement, signal);
  }
}

class BloatReading implements Reading {
  document: ReportDocument;

  constructor(
    readonly findings: BloatFindings,
    readonly holders: readonly HorizonHolder[],
    private readonly confirmed: Map<string, Confirmed>,
    private readonly build: (reading: BloatReading) => ReportDocument,
  ) {
    this.document = build(this);
  }

  detail({ section, row }: RowAddress): RowDetail | undefined {
    const confirmed = this.confirmed.get(row);
    const table = section === 'tables' ? this.findings.tables.find(({ key }) => key === row) : undefined;
    if (table) return tableDetail(table, this.findings, confirmed, this.holders[0]);
    const index = section === 'indexes' ? this.findings.indexes.find(({ key }) => key === row) : undefined;
    return index && indexDetail(index, this.findings, confirmed);
  }

  act(address: RowAddress, action: string, tools: ActionTools): Promise<ActionResult> | undefined {
    const candidate = action === confirmAction ? this.candidate(address) : undefined;
    return candidate && this.confirm(address.row, candidate, tools);
  }

  private candidate({ section, row }: RowAddress): Candidate | undefined {
    const { tables, indexes, pageBytes } = this.findings;
    const table = section === 'tables' ? tables.find(({ key }) => key === row) : undefined;
    if (table) return tableCandidate(table, pageBytes);
    const index = section === 'indexes' ? indexes.find(({ key }) => key === row) : undefined;
    return index?.facts.valid === true ? indexCandidate(index, pageBytes) : undefined;
  }

  private async confirm(key: string, candidate: Candidate, tools: ActionTools): Promise<ActionResult> {
    const confirmed = await confirmCandidate(candidate, tools);
    if (!confirmed) return { message: 'Nothing was measured.', changed: false };
    this.confirmed.set(key, confirmed);
    this.document = this.build(this);
    return { message: `${candidate.name}: ${confirmedText(confirmed)}.`, changed: true };
  }
}
