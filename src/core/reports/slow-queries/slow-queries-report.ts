import { formatInteger } from '../../format/numbers';
import { formatDuration } from '../../format/quantities';
import { DatabaseError } from '../../ports/database-error';
import type { Fact, Notice, ReportDocument } from '../document';
import { documentOf } from '../document-head';
import type { ReadContext, Reading, Report } from '../report';
import type { TableExtractor } from '../tables/table-name';
import { readTableSizes, type SizedTables } from '../tables/table-sizes';
import { featuresOf } from './extension-version';
import { notPreloaded, obstacle, reservations } from './obstacles';
import { describeOptions, readOptions } from './options';
import { prerequisitesStatement, type Prerequisites } from './prerequisites';
import { StatementsReading } from './statements-reading';
import { joinTexts, type StatementReading } from './statement-entry';
import { longestShown } from './statement-detail';
import { statementSection } from './statement-table';
import { infoStatement, rankingStatement, textsStatement, type Source, type StatementsInfo } from './statements';

/** The slowest statements by pg_stat_statements, versions 1.7 to 1.12 of the extension. Never resets it. */
export class SlowQueriesReport implements Report {
  readonly id = 'slowQueries';
  readonly title = 'Slow Queries';

  constructor(private readonly extractor: TableExtractor) {}

  async read(context: ReadContext): Promise<Reading> {
    const { session, signal } = context;
    const [found] = await session.read(prerequisitesStatement, signal);
    if (!found) throw new DatabaseError('statement-failed', 'The server did not tell its prerequisites.');
    const problem = obstacle(found);
    const features = found.version === null ? undefined : featuresOf(found.version);
    if (problem || !features || found.schema === null) return new Blocked(this.blocked(context, problem));
    const source: Source = { schema: found.schema, features };
    try {
      return await this.readStatements(context, found, source);
    } catch (error) {
      // 55000 of its functions: the library is not loaded. A role without pg_read_all_settings learns it only here.
      if (error instanceof DatabaseError && error.code === '55000') {
        return new Blocked(this.blocked(context, notPreloaded(found)));
      }
      throw error;
    }
  }

  private blocked(context: ReadContext, problem: Notice | undefined): ReportDocument {
    return documentOf(this, context, { facts: [], notices: problem ? [problem] : [], options: [], sections: [] });
  }

  private async readStatements(context: ReadContext, found: Prerequisites, source: Source): Promise<Reading> {
    const { session, signal } = context;
    const options = readOptions(context.options);
    const info = source.features.topLevel ? (await session.read(infoStatement(source), signal))[0] : undefined;
    const stats = await session.read(rankingStatement(source, options.ranking, options.limit), signal);
    const texts = stats.some((entry) => entry.queryId !== null)
      ? await session.read(textsStatement(source, stats, longestShown), signal)
      : [];
    const hidden = stats.filter((entry) => entry.queryId === null).length;
    const readingOf = (reading: StatementReading): Reading => {
      const document = documentOf(this, context, {
        facts: factsOf(found, info),
        notices: [...reservations(found, hidden), ...evictionNotice(info), ...sizeNotice(reading.sizes)],
        options: describeOptions(options),
        sections: [statementSection(reading, options)],
      });
      return new StatementsReading(document, reading, source);
    };
    const entries = joinTexts(stats, texts, found.database);
    const pending = { kind: 'pending' } as const;
    context.preview(
      readingOf({
        entries: entries.map((entry) => (entry.text ? { ...entry, tables: pending } : entry)),
        sizes: undefined,
      }),
    );
    return readingOf(await this.withTables(entries, context));
  }

  private async withTables(
    entries: StatementReading['entries'],
    { session, signal }: ReadContext,
  ): Promise<StatementReading> {
    const withText = entries.filter((entry) => entry.text !== undefined);
    const tables = await this.extractor.extract(
      withText.map((entry) => entry.text?.text ?? ''),
      signal,
    );
    const byKey = new Map(withText.map((entry, at) => [entry.key, tables[at]]));
    const parsed = entries.map((entry) => ({
      ...entry,
      // A text that is cut off at its end may name further tables behind it.
      tables:
        entry.text && entry.text.length > entry.text.text.length
          ? ({ kind: 'unparsed', why: 'it is too long' } as const)
          : byKey.get(entry.key),
    }));
    const here = parsed.flatMap((entry) => (entry.here && entry.tables?.kind === 'tables' ? entry.tables.tables : []));
    const unique = new Map(here.map((name) => [JSON.stringify([name.schema, name.name]), name]));
    return { entries: parsed, sizes: await readTableSizes(session, [...unique.values()], signal) };
  }
}

/** A report that cannot be made: its document says why. */
class Blocked implements Reading {
  constructor(readonly document: ReportDocument) {}
  detail(): undefined {
    return undefined;
  }
  act(): undefined {
    return undefined;
  }
}

function factsOf(found: Prerequisites, info: StatementsInfo | undefined): Fact[] {
  const since =
    info === undefined
      ? `not told by version ${found.version ?? '?'} (1.9 and newer tell it)`
      : info.since === null
        ? 'not known'
        : `${info.since}${info.ageS === null ? '' : `, ${formatDuration(info.ageS)} ago`}`;
  return [
    { label: 'Statistics since', value: since },
    ...(info ? [{ label: 'Evicted entries', value: formatInteger(info.evictions) }] : []),
    { label: 'Extension', value: `pg_stat_statements ${found.version ?? '?'}` },
    {
      label: 'Times',
      value: 'min, mean, max and standard deviation of each statement; pg_stat_statements has no percentiles',
    },
  ];
}

function evictionNotice(info: StatementsInfo | undefined): Notice[] {
  if (!info || info.evictions === 0) return [];
  return [
    {
      id: 'evictions',
      level: 'info',
      title: `Entries were evicted ${formatInteger(info.evictions)} times since the reset`,
      text: 'There were more different statements than pg_stat_statements.max keeps: the least used were thrown out, and begin at 0 when they come again. Fewer calls than before are then no improvement.',
    },
  ];
}

function sizeNotice(sizes: SizedTables | undefined): Notice[] {
  if (sizes?.problem === undefined) return [];
  return [{ id: 'sizes', level: 'warning', title: 'Table sizes are missing', text: sizes.problem }];
}
