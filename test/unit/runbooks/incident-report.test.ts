import assert from 'node:assert/strict';
import type { Incident } from '../../../src/core/alerts/incident';
import type { AuditEntry } from '../../../src/core/history/audit-log';
import { incidentReport, type IncidentFacts } from '../../../src/core/runbooks/incident-report';

const noon = Date.UTC(2026, 0, 2, 12);
const incident: Incident = {
  id: 'i',
  key: 'k',
  connectionId: 'c',
  check: 'locks',
  signal: 'locks.waiting',
  subject: '',
  severity: 'critical',
  worst: 'critical',
  words: 'nobody waits',
  atWorst: '3 sessions | wait <b>',
  action: 'Find the root.',
  level: 'L1',
  runbook: 'lock-contention',
  group: 'locks',
  openedAt: noon + 60_000,
  clearedAt: noon + 240_000,
  unknownSince: null,
  acknowledgedAt: null,
  acknowledgedBy: '',
  snoozedUntil: null,
  notifiedAt: noon + 61_000,
};
const action: AuditEntry = {
  id: 'a',
  at: noon + 120_000,
  endedAt: noon + 121_000,
  osUser: 'ann',
  connectionId: 'c',
  takenFor: 'c',
  connection: 'shop-prod',
  environment: 'production',
  role: 'dba',
  backendPid: 7,
  action: 'terminate session 42',
  statement: 'SELECT pg_terminate_backend(42) -- ```',
  outcome: 'done',
  message: 'Session 42 has ended.',
};
const facts: IncidentFacts = {
  connection: 'shop-prod',
  environment: 'production',
  from: noon,
  to: noon + 300_000,
  osUser: 'ann',
  incidents: [incident],
  actions: [action],
  books: [
    {
      title: 'Lock Contention',
      cells: [
        { title: 'Verdict', text: 'What it means', language: 'plaintext', output: '**Session 42 holds up 3.**' },
        { title: 'Note', text: '# My note\n\nasked Bob', language: 'markdown', output: undefined },
        { title: 'Act', text: '## Act: end it', language: 'markdown', output: undefined },
        { title: 'Act', text: 'SELECT 1', language: 'sql', output: undefined },
        { title: 'Act', text: '## Escalation\n\n**L1 On-call**', language: 'markdown', output: undefined },
      ],
    },
  ],
  contacts: { L1: 'pager 5' },
};

describe('the incident report', () => {
  it('tells alerts and actions in the order of time, with who, what and the result', () => {
    const report = incidentReport(facts);
    const rows = report.split('\n').filter((line) => line.startsWith('| 2026-'));
    assert.deepEqual(
      rows.map((row) => row.slice(2, 25)),
      [
        '2026-01-02 12:01:00 UTC',
        '2026-01-02 12:01:01 UTC',
        '2026-01-02 12:02:00 UTC',
        '2026-01-02 12:02:01 UTC',
        '2026-01-02 12:04:00 UTC',
      ],
    );
    assert.match(
      rows[0]!,
      /Alert \(critical\): 3 sessions &#124; wait &lt;b&gt; \|$/,
      'no cell and no tag comes of a text',
    );
    assert.match(rows[3]!, /Result: Done\. Session 42 has ended/);
    assert.match(report, /By ann as role dba on shop-prod \(production\), backend 7\. \*\*Done\.\*\*/);
    assert.match(
      report,
      /````sql\nSELECT pg_terminate_backend\(42\) -- ```\n````/,
      'the statement cannot leave its fence',
    );
  });

  it('holds what the cells showed and the notes between them, below headings of its own', () => {
    const report = incidentReport(facts);
    assert.match(
      report,
      /## Evidence: Lock Contention\n\n### Verdict\n\n\*\*Session 42 holds up 3\.\*\*\n\n### My note\n\nasked Bob/,
    );
    assert.doesNotMatch(report, /SELECT 1/, 'a cell that has not run is no evidence');
    assert.match(report, /asked Bob\n\n### Act: end it\n\n_Not run\._\n\n## Escalation\n/, 'its heading stands once');
    assert.match(report, /- L1 On-call: pager 5/);
  });

  it('says where, of an action on a standby', () => {
    const report = incidentReport({ ...facts, actions: [{ ...action, connection: 'replica <a>' }] });
    assert.match(report, /Action by ann: terminate session 42 on replica &lt;a&gt; \|/);
  });

  it('says of an action whose end nobody saw that it is not known', () => {
    const report = incidentReport({ ...facts, actions: [{ ...action, endedAt: null, outcome: 'sent', message: '' }] });
    assert.match(report, /\*\*Sent; the editor ended before its result was known\.\*\*/);
    assert.doesNotMatch(report, /Done/);
  });

  it('says what is not there', () => {
    const report = incidentReport({
      ...facts,
      incidents: [],
      actions: [],
      books: [],
      reservation: 'Only this window.',
    });
    assert.match(report, /> Only this window/);
    assert.match(report, /No alert and no action is recorded/);
    assert.match(report, /No action was sent/);
  });
});
