import { itemKinds } from '../../contributions';
import { formatBytes } from '../../core/format/quantities';
import type { Evaluation } from '../../core/health/evaluation';
import { evaluateReceiver, evaluateStandby } from '../../core/health/replication-evaluation';
import type { Thresholds } from '../../core/health/thresholds';
import type { TableSize } from '../../core/health/size';
import type { SignalKind, TreeElement } from './element';
import { chainItem } from './chain-item';
import { ageText, severityIcons, statusIcons, type ItemModel } from './item-model';
import { lockItem } from './lock-item';
import { oneLine } from './plain-text';

/** What stands below a signal. */
export type PartElement = Exclude<TreeElement, { kind: 'connection' } | { kind: SignalKind }>;

/** One part below a signal. `current` is false when it is only what was last known. `now` in ms. */
export function partItem(element: PartElement, current: boolean, now: number, thresholds?: Thresholds): ItemModel {
  switch (element.kind) {
    case 'standby':
      return evaluated(
        oneLine(element.standby.name) || 'standby',
        evaluateStandby(element.standby, now, thresholds),
        current,
      );
    case 'receiver':
      return evaluated('WAL receiver', evaluateReceiver(element.receiver, thresholds), current);
    case 'lockSession':
      return lockItem(element, current);
    case 'chain':
      return chainItem(element);
    case 'table':
      return tableItem(element.table, current);
    case 'finding':
      return findingItem(element, now);
    case 'note':
      return {
        label: oneLine(element.text, 200),
        description: '',
        icon: element.icon === 'error' ? statusIcons.critical : { id: element.icon ?? 'info' },
        accessibleLabel: element.text,
        contextValue: 'note',
      };
  }
}

function evaluated(label: string, { severity, summary }: Evaluation, current: boolean): ItemModel {
  return {
    label,
    description: current ? summary : `last known: ${summary}`,
    icon: current ? severityIcons[severity] : statusIcons.stale,
    accessibleLabel: `${label}, ${current ? severity : 'last known'}, ${summary}`,
    contextValue: itemKinds.standby,
  };
}

/** Advice stands back: it has the mark of information and no color. */
function findingItem({ about, finding, at, past }: Extract<TreeElement, { kind: 'finding' }>, now: number): ItemModel {
  const { severity, words } = finding;
  const label = oneLine(words, 200);
  const description = past ? `read ${ageText(at, now)}` : '';
  const icon = past
    ? statusIcons.stale
    : severity === 'hint' || severity === 'ok'
      ? { id: 'info' }
      : severityIcons[severity];
  return {
    label,
    description,
    icon,
    accessibleLabel: [past ? 'last known' : severity, label, ...(past ? [description] : [])].join(', '),
    // Menus offer the runbook where there is one: see package.json.
    contextValue: `${itemKinds.finding}.${about.runbook}`,
  };
}

function tableItem(table: TableSize, current: boolean): ItemModel {
  const size = `${current ? '' : 'last known: '}${formatBytes(table.totalBytes)}`;
  return {
    label: qualified(table),
    description: size,
    icon: { id: 'table' },
    accessibleLabel: `table ${qualified(table)}, ${size}`,
    contextValue: itemKinds.table,
  };
}

export function qualified(table: TableSize): string {
  const name = oneLine(table.name);
  return table.schema === 'public' ? name : `${oneLine(table.schema)}.${name}`;
}
