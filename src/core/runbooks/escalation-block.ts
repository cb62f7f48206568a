import { escalationText, type Contacts, type EscalationLevel } from '../alerts/escalation';
import { escapeMarkdown } from './markdown';

/** Whom to call and what to tell them, as Markdown. `known` is false where a level has no contact in the settings. */
export function escalationBlock(level: EscalationLevel, contacts: Contacts): string {
  const contact = contacts[level]?.trim() ?? '';
  const missing = contact === '' ? ['No contact is set for this level: setting `dbOps.alerts.contacts`.'] : [];
  return [
    '## Escalation',
    `**${escapeMarkdown(escalationText(level, contacts))}**`,
    ...missing,
    'Escalate when the verdict names no cause, when a step is refused that you need, or when it is not better 15 minutes after the step. Hand over this file: _DB Ops: Export Incident Report_.',
  ].join('\n\n');
}
