import type { Capabilities } from '../ports/session';
import { documentVersion, type ReportDocument } from './document';
import type { ReadContext, Report } from './report';

type Body = Pick<ReportDocument, 'facts' | 'notices' | 'options' | 'sections'>;

/** A document of this report with what all reports say of themselves. */
export function documentOf(report: Pick<Report, 'id' | 'title'>, context: ReadContext, body: Body): ReportDocument {
  const { id, name, environment } = context.profile;
  return {
    version: documentVersion,
    report: report.id,
    title: report.title,
    connection: { id, name, environment },
    server: serverLine(context.session.capabilities),
    readAt: context.now,
    ...body,
  };
}

function serverLine({ version, database, user, inRecovery }: Capabilities): string {
  return `PostgreSQL ${version}${inRecovery ? ' (standby)' : ''} · database ${database} · role ${user}`;
}
