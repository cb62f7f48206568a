import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import type { Notice, NoticeLevel } from '../src/core/reports/document';
import { sharedStyles } from './shared-styles';

/** The level in words, for those who do not see the color. */
const levels: Readonly<Record<NoticeLevel, string>> = {
  info: 'Note',
  warning: 'Warning',
  limited: 'Limited view',
  error: 'Not available',
};

/** What must be known before the numbers are read. It fires `copy-notice` (a notice's id). */
export class NoticeList extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
        flex: none;
      }
      .notice {
        margin-bottom: 6px;
        padding: 6px 10px;
        border: 1px solid var(--vscode-contrastBorder, transparent);
        border-inline-start: 4px solid var(--vscode-notificationsInfoIcon-foreground);
        background: var(--vscode-textBlockQuote-background);
      }
      .notice.warning,
      .notice.limited {
        color: inherit;
        border-inline-start-color: var(--vscode-notificationsWarningIcon-foreground);
      }
      .notice.error {
        border-inline-start-color: var(--vscode-notificationsErrorIcon-foreground);
      }
      p {
        margin: 2px 0;
        white-space: pre-line;
      }
      .copy {
        display: flex;
        align-items: center;
        gap: 8px;
        margin-top: 6px;
      }
      code {
        padding: 3px 6px;
        background: var(--vscode-textCodeBlock-background);
        overflow-wrap: anywhere;
      }
      vscode-button {
        flex: none;
      }
    `,
  ];
  static override properties = { notices: { attribute: false } };
  declare notices: readonly Notice[];

  constructor() {
    super();
    this.notices = [];
  }

  override render(): TemplateResult {
    return html`${this.notices.map((notice) => this.notice(notice))}`;
  }

  private notice(notice: Notice): TemplateResult {
    return html`<section class="notice ${notice.level}" data-notice=${notice.id}>
      <h2><span class="hidden">${levels[notice.level]}: </span>${notice.title}</h2>
      <p>${notice.text}</p>
      ${
        notice.copy === undefined
          ? nothing
          : html`<div class="copy">
              <code>${notice.copy.text}</code>
              <vscode-button appearance="secondary" @click=${() => this.copy(notice.id)}
                >${notice.copy.label}</vscode-button
              >
            </div>`
      }
    </section>`;
  }

  private copy(id: string): void {
    this.dispatchEvent(new CustomEvent('copy-notice', { detail: id }));
  }
}
