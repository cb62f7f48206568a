import { formatInteger, formatPercent } from '../../format/numbers';
import { formatBytes } from '../../format/quantities';
import type { DetailBlock, Fact, RowDetail } from '../document';
import type { BloatFindings, EstimatedIndex, EstimatedTable } from './bloat-findings';
import { confirmedNotes, type Candidate, type Confirmed } from './confirm';
import { nameHolder, type HorizonHolder } from './horizon';
import type { Estimate } from './trust';

export const confirmAction = 'confirm';

/** What is to be measured when a person asks for it. */
export function tableCandidate({ facts, name }: EstimatedTable, pageBytes: number): Candidate {
  return { kind: 'table', oid: facts.oid, name, bytes: facts.pages * pageBytes, fillfactor: facts.fillfactor };
}

export function indexCandidate({ facts, name }: EstimatedIndex, pageBytes: number): Candidate {
  return { kind: 'index', oid: facts.oid, name, bytes: facts.pages * pageBytes, fillfactor: facts.fillfactor };
}

export function tableDetail(
  entry: EstimatedTable,
  findings: BloatFindings,
  confirmed: Confirmed | undefined,
  holder: HorizonHolder | undefined,
): RowDetail {
  const { facts, estimate } = entry;
  const candidate = tableCandidate(entry, findings.pageBytes);
  const dead =
    estimate.deadBytes > 0
      ? [
          `Dead rows take about ${formatBytes(estimate.deadBytes)} of it${
            holder && holder.age > 0
              ? `. VACUUM cannot remove what was deleted within the last ${formatInteger(holder.age)} transactions: ${nameHolder(holder)} holds it back.`
              : findings.seesAll
                ? ': VACUUM can remove them.'
                : '. This role does not see whether a transaction of others keeps VACUUM from removing them.'
          }`,
        ]
      : [];
  const design =
    estimate.keptFreePercent > 0
      ? [
          `${estimate.keptFreePercent} % of each page is kept free by design (fillfactor ${facts.fillfactor}); that is not counted.`,
        ]
      : [];
  return {
    blocks: [
      estimateBlock(estimate, [...dead, ...design]),
      ...measured(confirmed, candidate),
      { kind: 'facts', title: 'Table', facts: tableFacts(entry, findings) },
    ],
    actions: [{ id: confirmAction, label: 'Measure with pgstattuple_approx' }],
  };
}

export function indexDetail(
  entry: EstimatedIndex,
  findings: BloatFindings,
  confirmed: Confirmed | undefined,
): RowDetail {
  const candidate = indexCandidate(entry, findings.pageBytes);
  const { facts, estimate } = entry;
  return {
    blocks: [
      estimateBlock(estimate, []),
      ...measured(confirmed, candidate),
      {
        kind: 'facts',
        title: 'Index',
        facts: [
          { label: 'Table', value: facts.table },
          {
            label: 'Entries at the last look',
            value: facts.knownEntries < 0 ? 'never counted' : formatInteger(facts.knownEntries),
          },
          { label: 'Fillfactor', value: `${facts.fillfactor} %` },
          { label: 'Unique', value: facts.unique ? 'yes' : 'no' },
        ],
      },
    ],
    actions: facts.valid
      ? [{ id: confirmAction, label: `Measure with pgstatindex (reads ${formatBytes(candidate.bytes)})` }]
      : [],
  };
}

function estimateBlock(estimate: Estimate, more: readonly string[]): DetailBlock {
  const value =
    estimate.percent === null
      ? 'There is no estimate that could be trusted.'
      : `Estimate ${formatPercent(estimate.percent)}, ${formatBytes(estimate.wastedBytes ?? 0)}.`;
  const trust =
    estimate.trust === 'high'
      ? 'Trust: high. Statistics are there and young, and nothing speaks against them.'
      : `Trust: ${estimate.trust}.`;
  return {
    kind: 'notes',
    title: 'Estimate',
    notes: [value, trust, ...estimate.doubts.map((doubt) => doubt.words), ...more],
  };
}

function measured(confirmed: Confirmed | undefined, candidate: Candidate): DetailBlock[] {
  if (!confirmed) return [];
  const notes = [...confirmedNotes(confirmed, candidate), `Measured at ${new Date(confirmed.at).toISOString()}.`];
  return [{ kind: 'notes', title: 'Measured', notes }];
}

function tableFacts({ facts, estimate }: EstimatedTable, findings: BloatFindings): Fact[] {
  const entries: [string, string | null][] = [
    ['Kind', facts.materializedView ? 'materialized view' : null],
    ['Rows at the last look', facts.knownRows < 0 ? 'never counted' : formatInteger(facts.knownRows)],
    ['Live rows', findings.countersValid ? formatInteger(facts.activity.liveRows) : null],
    ['Changed since analyze', findings.countersValid ? formatInteger(facts.activity.changedSinceAnalyze) : null],
    ['TOAST', facts.toastBytes > 0 ? `${formatBytes(facts.toastBytes)}, not estimated` : null],
    ['Alignment', estimate.paddingPercent >= 1 ? `${formatPercent(estimate.paddingPercent)} of a row` : null],
  ];
  return entries.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}
