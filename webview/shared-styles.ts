import { css } from 'lit';

/** What all parts share. Colors come from the theme only; where a high contrast theme has borders, they are drawn. */
export const sharedStyles = css`
  :host {
    color: var(--vscode-foreground);
    font-family: var(--vscode-font-family);
    font-size: var(--vscode-font-size);
  }
  h2 {
    margin: 0 0 4px;
    font-size: 1em;
    font-weight: 600;
  }
  code,
  pre {
    font-family: var(--vscode-editor-font-family);
    font-size: var(--vscode-editor-font-size);
  }
  .muted {
    color: var(--vscode-descriptionForeground);
  }
  .warning {
    color: var(--vscode-list-warningForeground);
  }
  .critical {
    color: var(--vscode-list-errorForeground);
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
