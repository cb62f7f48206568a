import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { ReportDocument, ReportOption, RowDetail, Section } from '../src/core/reports/document';
import { documentVersion } from '../src/core/reports/document';
import { RequestError } from '../src/protocol/channel';
import type { ReportState, RestoredReport } from '../src/protocol/report-messages';
import type { Arrangement } from './arrange-rows';
import type { ArrangeEvent } from './data-table';
import { ageInWords, ageOf, staleAfterS } from './freshness';
import type { Host } from './host';
import { reportViewStyles } from './report-view-styles';
import { sharedStyles } from './shared-styles';

/** One report: what it says, what can be chosen, its tables. It asks the host for everything but order and filter. */
export class ReportView extends LitElement {
  static override styles = [sharedStyles, reportViewStyles];
  static override properties = {
    state: { state: true },
    document: { state: true },
    section: { state: true },
    arrangements: { state: true },
    opened: { state: true },
    detail: { state: true },
    problem: { state: true },
    detailProblem: { state: true },
    now: { state: true },
  };
  declare state: ReportState | null;
  declare document: ReportDocument | null;
  declare section: string | null;
  declare arrangements: Readonly<Record<string, Arrangement>>;
  declare opened: string | null;
  declare detail: RowDetail | null;
  /** The line to the host failed. */
  declare problem: RequestError | null;
  declare detailProblem: string | null;
  declare now: number;
  private clockOffset = 0;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly host: Host,
    private readonly origin: RestoredReport,
  ) {
    super();
    const kept = host.kept();
    this.state = null;
    this.document = null;
    this.section = kept.section;
    this.arrangements = kept.arrangements;
    this.opened = null;
    this.detail = null;
    this.problem = null;
    this.detailProblem = null;
    this.now = Date.now();
    host.channel.on('state', (body) => this.takeState(body as ReportState));
    host.channel.on('document', (body) => this.takeDocument(body as ReportDocument));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = setInterval(() => (this.now = Date.now()), 1000);
    void this.begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  private async begin(): Promise<void> {
    this.keep();
    const answer = await this.ask(this.host.channel.request('ready', null));
    if (!answer) return;
    this.takeState(answer.state);
    if (answer.document) this.takeDocument(answer.document);
  }

  private takeState(state: ReportState): void {
    this.clockOffset = state.sentAt - Date.now();
    this.state = state;
  }

  private takeDocument(document: ReportDocument): void {
    if ((document.version as number) !== documentVersion) {
      this.problem = new RequestError('version', 'The report is of another version.', 'Close it and open it again.');
      return;
    }
    this.document = document;
    this.problem = null;
    const section = this.shownSection;
    if (this.opened !== null && !section?.rows.some(({ key }) => key === this.opened)) this.opened = null;
    if (this.opened !== null) void this.openRow(this.opened);
    this.keep();
  }

  private get shownSection(): Section | undefined {
    const sections = this.document?.sections ?? [];
    return sections.find(({ id }) => id === this.section) ?? sections[0];
  }

  private arrangementOf(section: Section): Arrangement {
    const chosen = this.arrangements[section.id];
    // A sort of null in what was chosen means: as the host made it.
    if (!chosen || chosen.sort !== null) return chosen ?? defaultOf(section);
    return chosen.filter === '' ? defaultOf(section) : { ...chosen, sort: section.sort };
  }

  override render(): TemplateResult {
    const { document } = this;
    return html`${this.head()}${this.failure()} ${document === null ? this.withoutDocument() : this.contents(document)}
      <div class="hidden" role="status" aria-live="polite">${this.spoken()}</div>`;
  }

  private head(): TemplateResult {
    const { document, state } = this;
    const loading = state === null || state.phase === 'loading';
    const busy = loading || state.action !== null;
    const age = document && ageOf(document, this.now, this.clockOffset);
    return html`<header>
      <h1>${state?.title ?? ''} <span class="muted">${state?.connectionName ?? ''}</span></h1>
      <span class="muted">${document?.server ?? ''}</span>
      <span class="grow"></span>
      <span class="age">
        ${busy ? html`<vscode-progress-ring></vscode-progress-ring>` : nothing}
        ${age === null ? nothing : html`<span class=${age >= staleAfterS ? 'warning' : 'muted'}>${ageInWords(age)}</span>`}
      </span>
      ${
        busy
          ? html`<vscode-button appearance="secondary" @click=${() => this.send('cancel')}>Cancel</vscode-button>`
          : html`<vscode-button @click=${() => this.send('refresh')}>Refresh</vscode-button>`
      }
    </header>`;
  }

  private failure(): TemplateResult | typeof nothing {
    const failure = this.problem ?? (this.state?.phase === 'failed' ? this.state.failure : null);
    if (!failure) return nothing;
    return html`<div class="failure" role="alert">
      <p><strong>${failure.message}</strong></p>
      ${failure.remedy === undefined ? nothing : html`<p>${failure.remedy}</p>`}
      ${this.document ? html`<p>What is shown below is what was read before.</p>` : nothing}
      <vscode-button @click=${() => (this.problem ? this.begin() : this.send('refresh'))}>Try Again</vscode-button>
    </div>`;
  }

  private withoutDocument(): TemplateResult | typeof nothing {
    if (this.problem || this.state?.phase === 'failed') return nothing;
    if (this.state?.phase === 'cancelled')
      return html`<p class="waiting muted">Cancelled. Refresh reads the report.</p>`;
    return html`<div class="waiting muted">Reading from the server…</div>`;
  }

  private contents(document: ReportDocument): TemplateResult {
    const section = this.shownSection;
    return html`<div class="above">
        <dbops-notices
          .notices=${document.notices}
          @copy-notice=${(event: CustomEvent<string>) => this.ask(this.host.channel.request('copyNotice', { notice: event.detail }))}
        ></dbops-notices>
        <dl class="facts">
          ${document.facts.map(
            ({ label, value }) =>
              html`<div>
                <dt class="muted">${label}</dt>
                <dd>${value}</dd>
              </div>`,
          )}
        </dl>
      </div>
      ${section === undefined ? nothing : this.sectionPart(document, section)}`;
  }

  private sectionPart(document: ReportDocument, section: Section): TemplateResult {
    const arrangement = this.arrangementOf(section);
    return html`${document.sections.length < 2 ? nothing : this.tabs(document, section)}
      <div class="tools">
        ${document.options.map((option) => this.option(option))}
        <vscode-text-field
          class="filter"
          placeholder="Filter"
          aria-label="Filter the rows of ${section.title}"
          .value=${arrangement.filter}
          @input=${(event: InputEvent) =>
            this.arrange(section.id, { ...arrangement, filter: (event.target as HTMLInputElement).value })}
        ></vscode-text-field>
        <span class="muted">${section.caption}</span>
        ${this.state?.action ? html`<span class="muted">${this.state.action.what}</span>` : nothing}
        ${this.state?.message ? html`<span class="message">${this.state.message}</span>` : nothing}
      </div>
      <div class="table" role=${document.sections.length < 2 ? nothing : 'tabpanel'} aria-label=${section.title}>
        <dbops-table
          .section=${section}
          .arrangement=${arrangement}
          .opened=${this.opened}
          @arrange=${(event: CustomEvent<ArrangeEvent>) => this.arrange(event.detail.section, event.detail.arrangement)}
          @open-row=${(event: CustomEvent<string>) => this.openRow(event.detail)}
          @keydown=${(event: KeyboardEvent) => (event.key === 'Escape' ? this.closeDetail() : undefined)}
        ></dbops-table>
      </div>
      ${
        this.opened === null
          ? nothing
          : html`<dbops-detail
              role="region"
              aria-label="Details of the row"
              .detail=${this.detail}
              .problem=${this.detailProblem}
              .busy=${this.state?.action !== null}
              @act=${(event: CustomEvent<string>) => this.act(section, event.detail)}
              @close-detail=${() => this.closeDetail()}
            ></dbops-detail>`
      }`;
  }

  private tabs(document: ReportDocument, shown: Section): TemplateResult {
    return html`<div
      class="tabs"
      role="tablist"
      @keydown=${(event: KeyboardEvent) => this.tabKey(event, document, shown)}
    >
      ${document.sections.map(
        (section) =>
          html`<button
            role="tab"
            data-tab=${section.id}
            aria-selected=${section === shown ? 'true' : 'false'}
            tabindex=${section === shown ? 0 : -1}
            @click=${() => this.show(section.id)}
          >
            ${section.title} (${section.rows.length.toLocaleString('en-US')})
          </button>`,
      )}
    </div>`;
  }

  private tabKey(event: KeyboardEvent, document: ReportDocument, shown: Section): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next =
      step === undefined
        ? undefined
        : document.sections.at((document.sections.indexOf(shown) + step) % document.sections.length);
    if (!next) return;
    this.show(next.id);
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('[role=tab][tabindex="0"]')?.focus(),
    );
  }

  private show(section: string): void {
    this.section = section;
    this.closeDetail();
    this.keep();
  }

  private option(option: ReportOption): TemplateResult {
    return html`<label>
      ${option.label}
      <vscode-dropdown
        data-option=${option.id}
        aria-label=${option.label}
        .value=${option.value}
        @change=${(event: Event) => this.choose(option, (event.target as HTMLInputElement).value)}
      >
        ${option.choices.map(
          ({ value, label }) =>
            html`<vscode-option value=${value} ?selected=${value === option.value}>${label}</vscode-option>`,
        )}
      </vscode-dropdown>
    </label>`;
  }

  private choose(option: ReportOption, value: string): void {
    if (value === option.value) return;
    // The order of the table follows what is ranked by.
    this.arrangements = Object.fromEntries(
      Object.entries(this.arrangements).map(([id, arrangement]) => [id, { ...arrangement, sort: null }]),
    );
    void this.ask(this.host.channel.request('choose', { option: option.id, value }));
  }

  private arrange(section: string, arrangement: Arrangement): void {
    this.arrangements = { ...this.arrangements, [section]: arrangement };
    this.keep();
  }

  private async openRow(row: string): Promise<void> {
    const section = this.shownSection;
    if (!section) return;
    if (this.opened !== row) this.detail = null;
    this.opened = row;
    this.detailProblem = null;
    try {
      const detail = await this.host.channel.request('detail', { section: section.id, row });
      if (this.opened === row) this.detail = detail;
    } catch (error) {
      if (this.opened === row) this.detailProblem = error instanceof Error ? error.message : String(error);
    }
  }

  private closeDetail(): void {
    this.opened = null;
    this.detail = null;
  }

  private act(section: Section, action: string): void {
    if (this.opened === null) return;
    void this.ask(this.host.channel.request('act', { section: section.id, row: this.opened, action }));
  }

  private send(what: 'refresh' | 'cancel'): void {
    void this.ask(this.host.channel.request(what, null));
  }

  /** Waits for an answer; a failure is shown and is undefined here. */
  private async ask<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      this.problem = error instanceof RequestError ? error : new RequestError('failed', String(error));
      return undefined;
    }
  }

  private keep(): void {
    const chosen = this.document?.options.map(({ id, value }) => [id, value] as const);
    const options = chosen ? Object.fromEntries(chosen) : this.origin.options;
    const { report, connectionId } = this.origin;
    this.host.keep({ report, connectionId, options, section: this.section, arrangements: this.arrangements });
  }

  /** For those who do not see what changed. */
  private spoken(): string {
    const { state } = this;
    if (state === null || state.phase === 'loading') return 'Reading from the server.';
    if (state.action) return state.action.what;
    if (state.message !== null) return state.message;
    const section = this.shownSection;
    return section ? `${section.title}: ${section.rows.length} rows.` : '';
  }
}

/** As the host made it: no filter, and the order it says. */
function defaultOf(section: Section): Arrangement {
  let known = defaults.get(section);
  if (!known) defaults.set(section, (known = { filter: '', sort: section.sort }));
  return known;
}

const defaults = new WeakMap<Section, Arrangement>();
