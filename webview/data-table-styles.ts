import { css } from 'lit';

/** Height of a row in CSS pixels; the drawn part of the table is counted from it. */
export const rowHeight = 24;

export const dataTableStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    flex: 1;
  }
  .scroll {
    flex: 1;
    min-height: 120px;
    overflow: auto;
    border: 1px solid var(--vscode-contrastBorder, var(--vscode-panel-border, transparent));
  }
  table {
    border-collapse: separate;
    border-spacing: 0;
    table-layout: fixed;
    min-width: 100%;
    color: inherit;
    font: inherit;
  }
  th {
    position: sticky;
    top: 0;
    z-index: 1;
    padding: 0;
    height: ${rowHeight + 4}px;
    background: var(--vscode-editor-background);
    border-bottom: 1px solid var(--vscode-contrastBorder, var(--vscode-panel-border));
    font-weight: 600;
    text-align: start;
  }
  th button {
    width: 100%;
    height: 100%;
    padding: 0 8px;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    text-align: inherit;
    white-space: nowrap;
    cursor: pointer;
  }
  th button:hover {
    background: var(--vscode-toolbar-hoverBackground);
    outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -2px;
  }
  th button:focus-visible,
  tr:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  .mark {
    display: inline-block;
    width: 1em;
    text-align: center;
  }
  td {
    box-sizing: border-box;
    height: ${rowHeight}px;
    max-width: 0;
    padding: 0 8px;
    overflow: hidden;
    line-height: ${rowHeight}px;
    text-overflow: ellipsis;
    white-space: pre;
  }
  th.end,
  td.end {
    text-align: end;
    font-variant-numeric: tabular-nums;
  }
  td.wide {
    font-family: var(--vscode-editor-font-family);
  }
  tr.space td {
    padding: 0;
    line-height: 0;
  }
  tbody tr:not(.space) {
    cursor: pointer;
  }
  tbody tr:not(.space):hover td {
    background: var(--vscode-list-hoverBackground);
  }
  tbody tr:not(.space):hover {
    outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  tbody tr[aria-selected='true'] td {
    background: var(--vscode-list-inactiveSelectionBackground);
  }
  tbody tr[aria-selected='true'] {
    outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  .empty {
    padding: 24px 12px;
    text-align: center;
  }
`;
