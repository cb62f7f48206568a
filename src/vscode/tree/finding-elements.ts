import { formatCount } from '../../core/format/quantities';
import { worstFirst, type FindingSeverity, type SignalGroup } from '../../core/health/signal';
import { checksOf } from '../../core/monitor/group-signal';
import type { ServerSnapshot } from '../../core/monitor/snapshot';
import type { TreeElement } from './element';

/** Findings shown of one kind before the rest is counted. */
const mostShown = 10;

const isWrong = (severity: FindingSeverity): boolean => severity === 'warning' || severity === 'critical';

/** The findings of a group that are worth a line: what is fine stays silent. What could not be read says so. */
export function findingElements(
  group: SignalGroup,
  connectionId: string,
  snapshot: ServerSnapshot,
): { readonly wrong: TreeElement[]; readonly advice: TreeElement[] } {
  const checks = checksOf(snapshot, group);
  const all = checks.flatMap(({ about, findings, at, sql, stale, problem }) =>
    findings
      .filter(({ severity, detail }) => severity !== 'ok' || (detail === true && about.id === 'vacuum-progress'))
      .map((finding) => ({
        severity: finding.severity,
        about,
        finding,
        at: at ?? 0,
        sql,
        past: stale || problem !== null,
      })),
  );
  // A view that is limited says so once, on its connection.
  const told = worstFirst(all).filter(({ severity }) => severity !== 'unknown');
  const element = ({ about, finding, at, sql, past }: (typeof all)[number]): TreeElement => ({
    kind: 'finding',
    connectionId,
    about,
    finding,
    at,
    sql,
    past,
  });
  const shown = (items: typeof all, id: string): TreeElement[] => {
    const left = items.length - mostShown;
    const more: TreeElement[] =
      left > 0 ? [{ kind: 'note', connectionId, group, id, text: formatCount(left, 'more finding') }] : [];
    return [...items.slice(0, mostShown).map(element), ...more];
  };
  const problems = checks
    .filter(({ problem }) => problem !== null)
    .map(({ about, problem }): TreeElement => ({
      kind: 'note',
      connectionId,
      group,
      id: `problem/${about.id}`,
      text: `${about.title} ${problem ?? ''}`,
    }));
  return {
    wrong: shown(
      told.filter(({ severity }) => isWrong(severity)),
      'wrong',
    ),
    advice: [
      ...shown(
        told.filter(({ severity }) => !isWrong(severity)),
        'advice',
      ),
      ...problems,
    ],
  };
}
