import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { DetailBlock, RowAction, RowDetail as Detail } from '../src/core/reports/document';
import { sharedStyles } from './shared-styles';

/** What is known of one row beyond its cells. It fires `act` (an action's id) and `close-detail`. */
export class RowDetail extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
        flex: none;
        max-height: 45vh;
        overflow: auto;
        padding: 8px 12px 12px;
        border: 1px solid var(--vscode-contrastBorder, var(--vscode-panel-border));
        background: var(--vscode-sideBar-background);
      }
      .actions {
        display: flex;
        gap: 8px;
        margin-bottom: 8px;
      }
      .actions .close {
        margin-inline-start: auto;
      }
      section {
        margin-bottom: 10px;
      }
      pre {
        max-height: 16em;
        margin: 0;
        padding: 8px;
        overflow: auto;
        border: 1px solid var(--vscode-contrastBorder, transparent);
        background: var(--vscode-textCodeBlock-background);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      dl {
        display: grid;
        grid-template-columns: max-content 1fr;
        gap: 2px 16px;
        margin: 0;
      }
      dd {
        margin: 0;
      }
      ul {
        margin: 0;
        padding-inline-start: 18px;
      }
    `,
  ];
  static override properties = {
    detail: { attribute: false },
    problem: { attribute: false },
    busy: { attribute: false },
  };
  /** Null: on its way. */
  declare detail: Detail | null;
  declare problem: string | null;
  /** An action is under way: no other can begin. */
  declare busy: boolean;

  constructor() {
    super();
    this.detail = null;
    this.problem = null;
    this.busy = false;
  }

  override render(): TemplateResult {
    return html`<div class="actions">
        ${this.detail?.actions.map((action) => this.button(action)) ?? nothing}
        <vscode-button class="close" appearance="secondary" @click=${() => this.fire('close-detail')}
          >Close</vscode-button
        >
      </div>
      ${this.problem === null ? nothing : html`<p class="critical">${this.problem}</p>`}
      ${
        this.detail?.blocks.map(
          (block) =>
            html`<section>
              <h2>${block.title}</h2>
              ${contents(block)}
            </section>`,
        ) ?? (this.problem === null ? html`<p class="muted">Loading…</p>` : nothing)
      }`;
  }

  private button(action: RowAction): TemplateResult {
    return html`<vscode-button ?disabled=${this.busy} @click=${() => this.fire('act', action.id)}
      >${action.label}</vscode-button
    >`;
  }

  private fire(name: string, detail?: string): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function contents(block: DetailBlock): TemplateResult {
  switch (block.kind) {
    case 'statement':
      return html`<pre tabindex="0">${block.text}</pre>
        ${block.note === undefined ? nothing : html`<p class="muted">${block.note}</p>`}`;
    case 'facts':
      return html`<dl>
        ${block.facts.map(
          ({ label, value }) =>
            html`<dt class="muted">${label}</dt>
              <dd>${value}</dd>`,
        )}
      </dl>`;
    case 'notes':
      return html`<ul>
        ${block.notes.map((note) => html`<li>${note}</li>`)}
      </ul>`;
  }
}
