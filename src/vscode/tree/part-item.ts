import { itemKinds } from '../../contributions';
import { formatBytes } from '../../core/format/quantities';
import type { Evaluation } from '../../core/health/evaluation';
import { evaluateReceiver, evaluateStandby } from '../../core/health/replication-evaluation';
import type { TableSize } from '../../core/health/size';
import type { TreeElement } from './element';
import { severityIcons, statusIcons, type ItemModel, type TooltipModel } from './item-model';
import { lockItem, lockTooltip } from './lock-item';
import { oneLine } from './plain-text';

/** What stands below a signal. */
export type PartElement = Exclude<
  TreeElement,
  { kind: 'connection' } | { kind: 'pool' | 'replication' | 'locks' | 'size' }
>;

/** One part below a signal. `current` is false when it is only what was last known. `now` in ms. */
export function partItem(element: PartElement, current: boolean, now: number): ItemModel {
  switch (element.kind) {
    case 'standby':
      return evaluated(oneLine(element.standby.name) || 'standby', evaluateStandby(element.standby, now), current);
    case 'receiver':
      return evaluated('WAL receiver', evaluateReceiver(element.receiver), current);
    case 'lockSession':
      return lockItem(element, current);
    case 'table':
      return tableItem(element.table, current);
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

export function partTooltip(element: PartElement, current: boolean, now: number): TooltipModel {
  const past = current ? [] : ['Last known; not current.'];
  switch (element.kind) {
    case 'standby': {
      const { severity, lines } = evaluateStandby(element.standby, now);
      return {
        lines: [`Standby ${oneLine(element.standby.name)}: ${current ? severity : 'last known'}`, ...past, ...lines],
      };
    }
    case 'receiver': {
      const { severity, lines } = evaluateReceiver(element.receiver);
      return { lines: [`WAL receiver: ${current ? severity : 'last known'}`, ...past, ...lines] };
    }
    case 'lockSession':
      return lockTooltip(element, current);
    case 'table':
      return { lines: [`Table ${qualified(element.table)}`, ...past, `${partsOf(element.table)}.`] };
    case 'note':
      return { lines: [element.text] };
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

function qualified(table: TableSize): string {
  const name = oneLine(table.name);
  return table.schema === 'public' ? name : `${oneLine(table.schema)}.${name}`;
}

function partsOf(table: TableSize): string {
  return `Together ${formatBytes(table.totalBytes)}: heap ${formatBytes(table.heapBytes)}, TOAST and maps ${formatBytes(table.toastBytes)}, indexes ${formatBytes(table.indexBytes)}`;
}
