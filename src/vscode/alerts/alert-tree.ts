import * as vscode from 'vscode';
import type { AlertBook } from '../../core/alerts/alert-book';
import { tooltipMarkdown } from '../tree/tooltip-markdown';
import { alertItem, alertLines, type AlertElement, type AlertSurroundings } from './incident-item';

/** So many of the past are shown. */
const pastShown = 50;

/** What the view of alerts shows: what goes on, then what is over, then what is never told. */
export class AlertTree {
  constructor(
    private readonly book: AlertBook,
    private readonly around: () => AlertSurroundings,
    private readonly past: (element: AlertElement) => readonly string[],
  ) {}

  children(element?: AlertElement): readonly AlertElement[] {
    const { book } = this;
    if (element?.kind === 'pastGroup') {
      return book.ended.slice(0, pastShown).map((incident) => ({ kind: 'past', incident }));
    }
    if (element?.kind === 'mutedGroup') return book.mutedKeys.map((key) => ({ kind: 'muted', key }));
    if (element) return [];
    const active = book.incidents.map((incident): AlertElement => ({ kind: 'incident', incident }));
    const ended: AlertElement[] = book.ended.length > 0 ? [{ kind: 'pastGroup', count: book.ended.length }] : [];
    const muted: AlertElement[] =
      book.mutedKeys.length > 0 ? [{ kind: 'mutedGroup', count: book.mutedKeys.length }] : [];
    return [...active, ...ended, ...muted];
  }

  item(element: AlertElement): vscode.TreeItem {
    const model = alertItem(element, this.around());
    const group = element.kind === 'pastGroup' || element.kind === 'mutedGroup';
    const item = new vscode.TreeItem(
      model.label,
      group ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None,
    );
    item.id = idOf(element);
    item.description = model.description;
    item.contextValue = model.contextValue;
    item.iconPath = new vscode.ThemeIcon(
      model.icon.id,
      model.icon.color === undefined ? undefined : new vscode.ThemeColor(model.icon.color),
    );
    item.accessibilityInformation = { label: model.accessibleLabel };
    const lines = [...alertLines(element, this.around()), ...this.past(element)];
    if (lines.length > 0) item.tooltip = tooltipMarkdown(lines);
    return item;
  }
}

function idOf(element: AlertElement): string {
  switch (element.kind) {
    case 'incident':
    case 'past':
      return `${element.kind} ${element.incident.id}`;
    case 'muted':
      return `muted ${element.key}`;
    default:
      return element.kind;
  }
}
