/** Version of the document's shape; host and webview of one installed extension always agree on it. */
export const documentVersion = 1;

export const reportIds = ['slowQueries', 'bloat'] as const;
export type ReportId = (typeof reportIds)[number];

/** How a value is to be taken. The text says it in words too: color is never the only sign. */
export type Tone = 'normal' | 'muted' | 'warning' | 'critical';

/** One value of a table: `text` is shown, `value` is sorted by; null sorts behind everything in either direction. */
export interface Cell {
  readonly text: string;
  readonly value: number | string | null;
  readonly tone?: Tone;
  /** Longer words for the same, shown on hover. */
  readonly hint?: string;
}

export interface Column {
  readonly id: string;
  readonly title: string;
  /** What it means and in which unit. */
  readonly hint?: string;
  readonly align: 'start' | 'end';
  /** Texts that may take what room is left. */
  readonly wide?: boolean;
  /** The direction of the first click on the header. */
  readonly firstSort: SortDirection;
}

export type SortDirection = 'ascending' | 'descending';

/** One row; `key` is stable over refreshes and names the same thing. */
export interface Row {
  readonly key: string;
  readonly cells: readonly Cell[];
}

/** One table of a report. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** What the table shows and how much of it: the caption. */
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly sort: { readonly column: string; readonly direction: SortDirection } | null;
  /** What an empty table means. */
  readonly empty: string;
}

/** `limited`: the role sees a part only. `error`: the report cannot be made, and `text` says the way out. */
export type NoticeLevel = 'info' | 'warning' | 'limited' | 'error';

export interface Notice {
  readonly id: string;
  readonly level: NoticeLevel;
  readonly title: string;
  readonly text: string;
  /** A statement or setting to take along. The webview asks for it by the notice's id. */
  readonly copy?: { readonly label: string; readonly text: string };
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** A choice that the host makes anew with: the webview sends its id and the value. */
export interface ReportOption {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
}

/** Everything a report shows, as plain JSON. Texts are plain texts, whatever a database put into them. */
export interface ReportDocument {
  readonly version: typeof documentVersion;
  readonly report: ReportId;
  readonly title: string;
  readonly connection: { readonly id: string; readonly name: string; readonly environment: string };
  /** Server, database and role in one line. */
  readonly server: string;
  /** When it was read, in ms since the epoch by the host's clock. */
  readonly readAt: number;
  readonly facts: readonly Fact[];
  readonly notices: readonly Notice[];
  readonly options: readonly ReportOption[];
  readonly sections: readonly Section[];
}

/** What is shown below a row when it is opened. */
export type DetailBlock =
  | { readonly kind: 'statement'; readonly title: string; readonly text: string; readonly note?: string }
  | { readonly kind: 'facts'; readonly title: string; readonly facts: readonly Fact[] }
  | { readonly kind: 'notes'; readonly title: string; readonly notes: readonly string[] };

export interface RowAction {
  readonly id: string;
  readonly label: string;
}

export interface RowDetail {
  readonly blocks: readonly DetailBlock[];
  readonly actions: readonly RowAction[];
}

/** Which row of which table: what the webview names, and all that it may say of it. */
export interface RowAddress {
  readonly section: string;
  readonly row: string;
}
