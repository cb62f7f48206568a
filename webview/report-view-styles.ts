import { css } from 'lit';

export const reportViewStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    gap: 8px;
    box-sizing: border-box;
    height: 100vh;
    padding: 10px 16px;
  }
  header {
    display: flex;
    flex: none;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 12px;
  }
  h1 {
    margin: 0;
    font-size: 1.3em;
    font-weight: 600;
  }
  .grow {
    flex: 1;
  }
  .age {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  vscode-progress-ring {
    height: 18px;
  }
  .tools {
    display: flex;
    flex: none;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 14px;
  }
  .tools label {
    display: flex;
    align-items: center;
    gap: 6px;
  }
  vscode-dropdown {
    min-width: 120px;
    z-index: 3;
  }
  .facts {
    display: flex;
    flex: none;
    flex-wrap: wrap;
    gap: 2px 20px;
    margin: 0;
  }
  .facts div {
    display: flex;
    gap: 6px;
  }
  .facts dd {
    margin: 0;
  }
  .above {
    flex: none;
    max-height: 34vh;
    overflow: auto;
  }
  .failure {
    flex: none;
    padding: 8px 12px;
    border: 1px solid var(--vscode-inputValidation-errorBorder, var(--vscode-contrastBorder));
    background: var(--vscode-inputValidation-errorBackground);
    color: var(--vscode-inputValidation-errorForeground, inherit);
  }
  .failure p {
    margin: 0 0 6px;
    overflow-wrap: anywhere;
  }
  .tabs {
    display: flex;
    flex: none;
    gap: 4px;
    border-bottom: 1px solid var(--vscode-contrastBorder, var(--vscode-panel-border));
  }
  .tabs button {
    padding: 5px 12px;
    border: 0;
    border-bottom: 2px solid transparent;
    background: none;
    color: var(--vscode-panelTitle-inactiveForeground);
    font: inherit;
    cursor: pointer;
  }
  .tabs button[aria-selected='true'] {
    border-bottom-color: var(--vscode-panelTitle-activeBorder, var(--vscode-foreground));
    color: var(--vscode-panelTitle-activeForeground);
  }
  .tabs button:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  .table {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-height: 140px;
  }
  .waiting {
    display: flex;
    align-items: center;
    gap: 10px;
    padding: 32px 4px;
  }
`;
