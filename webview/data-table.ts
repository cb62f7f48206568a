import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { Cell, Column, Row, Section, SortDirection } from '../src/core/reports/document';
import { arrangeRows, type Arrangement } from './arrange-rows';
import { columnWidths } from './column-widths';
import { dataTableStyles, rowHeight } from './data-table-styles';
import { rowWindow } from './row-window';
import { sharedStyles } from './shared-styles';

export interface ArrangeEvent {
  readonly section: string;
  readonly arrangement: Arrangement;
}

/**
 * A table of any length, of which only what is seen is drawn. Headers sort, arrows move, Enter opens a row. It fires
 * `arrange` (ArrangeEvent) and `open-row` (the row's key).
 */
export class DataTable extends LitElement {
  static override styles = [sharedStyles, dataTableStyles];
  static override properties = {
    section: { attribute: false },
    arrangement: { attribute: false },
    opened: { attribute: false },
    scrollTopSeen: { state: true },
    current: { state: true },
  };
  declare section: Section;
  declare arrangement: Arrangement;
  declare opened: string | null;
  declare scrollTopSeen: number;
  /** The key of the row that the keyboard is on. */
  declare current: string | null;
  private arranged:
    { section: Section; arrangement: Arrangement; rows: readonly Row[]; widths: readonly number[] } | undefined;

  constructor() {
    super();
    this.opened = null;
    this.scrollTopSeen = 0;
    this.current = null;
  }

  /** The rows in the order they are shown. */
  get rows(): readonly Row[] {
    const { section, arrangement } = this;
    if (this.arranged?.section !== section || this.arranged.arrangement !== arrangement) {
      const widths = this.arranged?.section === section ? this.arranged.widths : columnWidths(section);
      this.arranged = { section, arrangement, rows: arrangeRows(section, arrangement), widths };
    }
    return this.arranged.rows;
  }

  override render(): TemplateResult {
    const { section, rows } = this;
    const viewport = this.renderRoot.querySelector('.scroll')?.clientHeight ?? 800;
    const { from, to } = rowWindow(rows.length, rowHeight, this.scrollTopSeen, viewport || 800);
    const widths = this.arranged?.widths ?? [];
    const total = widths.reduce((sum, width) => sum + width, 0);
    return html`<div class="scroll" @scroll=${this.scrolled}>
      <table role="grid" aria-rowcount=${rows.length + 1} aria-label=${section.title} .style=${`width: ${total}ch`}>
        <caption class="hidden">
          ${section.caption}
        </caption>
        <colgroup>
          ${widths.map((width) => html`<col .style=${`width: ${width}ch`} />`)}
        </colgroup>
        <thead>
          <tr aria-rowindex="1">
            ${section.columns.map((column) => this.header(column))}
          </tr>
        </thead>
        <tbody @keydown=${this.pressed}>
          ${this.space(from)}${rows.slice(from, to).map((row, at) => this.row(row, from + at))}${this.space(rows.length - to)}
        </tbody>
      </table>
      ${
        rows.length === 0
          ? html`<p class="empty muted">${section.rows.length === 0 ? section.empty : 'No row holds these words.'}</p>`
          : nothing
      }
    </div>`;
  }

  private header(column: Column): TemplateResult {
    const { sort } = this.arrangement;
    const direction = sort?.column === column.id ? sort.direction : 'none';
    const mark = { ascending: '↑', descending: '↓', none: '' }[direction];
    return html`<th scope="col" class=${column.align} aria-sort=${direction}>
      <button title=${column.hint ?? column.title} @click=${() => this.sortBy(column)}>
        ${column.align === 'end' ? nothing : column.title}<span class="mark" aria-hidden="true">${mark}</span
        >${column.align === 'end' ? column.title : nothing}
      </button>
    </th>`;
  }

  private space(count: number): TemplateResult | typeof nothing {
    if (count <= 0) return nothing;
    const columns = this.section.columns.length;
    return html`<tr class="space" aria-hidden="true">
      <td colspan=${columns} .style=${`height: ${count * rowHeight}px`}></td>
    </tr>`;
  }

  private row(row: Row, at: number): TemplateResult {
    const reachable = this.current === row.key || (at === 0 && !this.rows.some(({ key }) => key === this.current));
    return html`<tr
      aria-rowindex=${at + 2}
      aria-selected=${this.opened === row.key ? 'true' : 'false'}
      tabindex=${reachable ? 0 : -1}
      data-at=${at}
      @click=${() => this.open(row)}
    >
      ${row.cells.map((cell, column) => this.cell(cell, this.section.columns[column]))}
    </tr>`;
  }

  private cell(cell: Cell, column: Column | undefined): TemplateResult {
    const classes = `${column?.align ?? 'start'} ${cell.tone ?? 'normal'} ${column?.wide ? 'wide' : ''}`;
    const hint = cell.hint ?? (cell.text.length > 20 ? cell.text : nothing);
    return html`<td class=${classes} title=${hint}>${cell.text}</td>`;
  }

  private sortBy(column: Column): void {
    const { sort } = this.arrangement;
    const opposite: SortDirection = sort?.direction === 'ascending' ? 'descending' : 'ascending';
    const direction = sort?.column === column.id ? opposite : column.firstSort;
    const arrangement = { ...this.arrangement, sort: { column: column.id, direction } };
    const detail: ArrangeEvent = { section: this.section.id, arrangement };
    this.dispatchEvent(new CustomEvent('arrange', { detail }));
  }

  private open(row: Row): void {
    this.current = row.key;
    this.dispatchEvent(new CustomEvent('open-row', { detail: row.key }));
  }

  private readonly scrolled = (event: Event): void => {
    this.scrollTopSeen = (event.currentTarget as HTMLElement).scrollTop;
  };

  private readonly pressed = (event: KeyboardEvent): void => {
    const at = this.rows.findIndex(({ key }) => key === this.current);
    const from = at < 0 ? 0 : at;
    const page = Math.max(1, Math.floor((this.renderRoot.querySelector('.scroll')?.clientHeight ?? 0) / rowHeight) - 2);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: this.rows.length - 1,
    };
    const step = steps[event.key];
    const row = this.rows[from];
    if (step !== undefined) void this.moveTo(step);
    else if ((event.key === 'Enter' || event.key === ' ') && row) this.open(row);
    else return;
    event.preventDefault();
  };

  /** Puts the keyboard on a row, which may be far from what is drawn. */
  private async moveTo(wanted: number): Promise<void> {
    const at = Math.max(0, Math.min(this.rows.length - 1, wanted));
    const row = this.rows[at];
    const scroll = this.renderRoot.querySelector('.scroll');
    if (!row || !scroll) return;
    const top = at * rowHeight;
    const height = scroll.clientHeight - 2 * rowHeight;
    if (top < scroll.scrollTop) scroll.scrollTop = top;
    else if (top > scroll.scrollTop + height) scroll.scrollTop = top - height;
    this.scrollTopSeen = scroll.scrollTop;
    this.current = row.key;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(`tr[data-at="${at}"]`)?.focus({ preventScroll: true });
  }
}
