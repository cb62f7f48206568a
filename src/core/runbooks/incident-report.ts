import { escalationText, type Contacts } from '../alerts/escalation';
import type { Incident } from '../alerts/incident';
import type { AuditEntry } from '../history/audit-log';
import { formatDuration } from '../format/quantities';
import { escapeMarkdown, fenced, markdownTable, shorten } from './markdown';
import { outcomeTitles } from './outcome';

/** A cell of a runbook as it stands: what was asked and what was shown. `output` is Markdown that a step made. */
export interface EvidenceCell {
  readonly title: string;
  readonly text: string;
  readonly language: string;
  readonly output: string | undefined;
}

/** A notebook whose cells are evidence. */
export interface EvidenceBook {
  readonly title: string;
  readonly cells: readonly EvidenceCell[];
}

export interface IncidentFacts {
  readonly connection: string;
  readonly environment: string;
  /** ms since the epoch */
  readonly from: number;
  readonly to: number;
  /** The account that exports. */
  readonly osUser: string;
  /** Those of this connection that were open at any moment of the time. */
  readonly incidents: readonly Incident[];
  readonly actions: readonly AuditEntry[];
  readonly books: readonly EvidenceBook[];
  readonly contacts: Contacts;
  /** Said where the past is not kept. */
  readonly reservation?: string | undefined;
}

/** The record of an incident in Markdown, for the post-mortem: timeline, evidence, actions, whom to ask. */
export function incidentReport(facts: IncidentFacts): string {
  const { connection, environment, from, to, osUser, books, reservation } = facts;
  return `${[
    `# Incident on ${escapeMarkdown(connection)}`,
    `Environment ${escapeMarkdown(environment)}. From ${time(from)} to ${time(to)} (${formatDuration((to - from) / 1000)}). Exported by ${escapeMarkdown(osUser)}.`,
    ...(reservation === undefined ? [] : [`> ${escapeMarkdown(reservation)}`]),
    '## Timeline',
    timeline(facts),
    '## Actions',
    ...actions(facts.actions),
    ...books.flatMap(evidence),
    '## Escalation',
    escalation(facts),
    '## To be filled in',
    ['Impact:', 'Root cause:', 'What helped:', 'What is to be done, by whom, until when:']
      .map((line) => `- ${line}`)
      .join('\n'),
  ].join('\n\n')}\n`;
}

interface Moment {
  readonly at: number;
  readonly what: string;
}

function timeline({ connection, incidents, actions, from, to }: IncidentFacts): string {
  const moments: Moment[] = [
    ...incidents.flatMap(momentsOf),
    ...actions.flatMap((entry) => [
      {
        at: entry.at,
        what: `Action by ${escapeMarkdown(entry.osUser)}: ${escapeMarkdown(entry.action)}${elsewhere(entry, connection)}`,
      },
      ...(entry.endedAt === null
        ? []
        : [{ at: entry.endedAt, what: `Result: ${title(entry)}. ${escapeMarkdown(entry.message)}` }]),
    ]),
  ].filter(({ at }) => at >= from && at <= to);
  if (moments.length === 0) return 'No alert and no action is recorded in this time.';
  moments.sort((a, b) => a.at - b.at);
  return markdownTable(
    ['Time (UTC)', 'What'],
    moments.map(({ at, what }) => [time(at), what]),
  );
}

/** A standby is acted on by a connection of its own. */
function elsewhere(entry: AuditEntry, connection: string): string {
  return entry.connection === connection ? '' : ` on ${escapeMarkdown(entry.connection)}`;
}

function momentsOf(incident: Incident): readonly Moment[] {
  const name = escapeMarkdown(incident.atWorst);
  return [
    { at: incident.openedAt, what: `Alert (${incident.worst}): ${name}` },
    ...(incident.notifiedAt === null ? [] : [{ at: incident.notifiedAt, what: `Told: ${name}` }]),
    ...(incident.acknowledgedAt === null ? [] : [{ at: incident.acknowledgedAt, what: `Acknowledged: ${name}` }]),
    ...(incident.clearedAt === null ? [] : [{ at: incident.clearedAt, what: `Over: ${name}` }]),
  ];
}

function actions(entries: readonly AuditEntry[]): readonly string[] {
  if (entries.length === 0) return ['No action was sent to the server in this time.'];
  return entries.flatMap((entry) => [
    `### ${time(entry.at)} ${escapeMarkdown(entry.action)}`,
    `By ${escapeMarkdown(entry.osUser)} as role ${escapeMarkdown(entry.role)} on ${escapeMarkdown(entry.connection)} (${entry.environment}), backend ${entry.backendPid}. **${title(entry)}.** ${escapeMarkdown(entry.message)}`.trim(),
    fenced(entry.statement, 'sql'),
  ]);
}

function title(entry: AuditEntry): string {
  if (entry.outcome === 'sent') return 'Sent; the editor ended before its result was known';
  const known = Object.entries(outcomeTitles).find(([kind]) => kind === entry.outcome);
  return known?.[1] ?? escapeMarkdown(entry.outcome);
}

function evidence({ title: name, cells }: EvidenceBook): readonly string[] {
  return [
    `## Evidence: ${escapeMarkdown(name)}`,
    ...(cells.some(({ output }) => output !== undefined) ? [] : ['No cell of it has run.']),
    ...cells.flatMap((cell, index) => {
      if (cell.language === 'markdown') return isEscalation(cell) ? [] : [lowered(cell.text)];
      // Its heading is the cell above it, where that has one.
      const above = cells[index - 1];
      const title = above !== undefined && headed(above) ? [] : [`### ${escapeMarkdown(cell.title)}`];
      if (cell.output === undefined) return [...title, '_Not run._'];
      return [...title, cell.output, ...(cell.language === 'sql' ? [statement(cell.text)] : [])];
    }),
  ];
}

function headed({ language, text }: EvidenceCell): boolean {
  return language === 'markdown' && /^#+ /.test(text);
}

/** Whom to call stands once, at the end of the report. */
function isEscalation({ text }: EvidenceCell): boolean {
  return text.startsWith('## Escalation\n\n**L');
}

function statement(text: string): string {
  return `<details><summary>Statement</summary>\n\n${fenced(shorten(text, 4000), 'sql')}\n\n</details>`;
}

/** A note keeps its words; its headings stand below that of its runbook. */
function lowered(markdown: string): string {
  return markdown.replace(/^#{1,4} /gm, (hashes) => (hashes.length <= 3 ? '### ' : '#### '));
}

function escalation({ incidents, contacts }: IncidentFacts): string {
  const levels = [...new Set(incidents.map(({ level }) => level))].sort();
  if (levels.length === 0) return escapeMarkdown(escalationText('L1', contacts));
  return levels.map((level) => `- ${escapeMarkdown(escalationText(level, contacts))}`).join('\n');
}

function time(at: number): string {
  return new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}
