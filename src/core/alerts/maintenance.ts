/** A time in which incidents are recorded but not told. */
export type MaintenanceWindow = {
  /** Ids of connections; empty for all. */
  readonly connections: readonly string[];
  readonly reason: string;
} & (
  | { readonly kind: 'once'; /** ms since the epoch */ readonly from: number; readonly to: number }
  /** Minutes since midnight, on weekdays (0 is Sunday) of this machine's zone; `to` may lie on the next day. */
  | { readonly kind: 'weekly'; readonly days: readonly number[]; readonly from: number; readonly to: number }
);

const dayMinutes = 24 * 60;
const dayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** The window that is open for this connection, if one is. */
export function openWindow(
  windows: readonly MaintenanceWindow[],
  connectionId: string,
  now: number,
): MaintenanceWindow | undefined {
  return windows.find(
    (window) => (window.connections.length === 0 || window.connections.includes(connectionId)) && isOpen(window, now),
  );
}

function isOpen(window: MaintenanceWindow, now: number): boolean {
  if (window.kind === 'once') return now >= window.from && now < window.to;
  const local = new Date(now);
  const minute = local.getHours() * 60 + local.getMinutes();
  const today = local.getDay();
  const yesterday = (today + 6) % 7;
  const { days, from, to } = window;
  if (from < to) return days.includes(today) && minute >= from && minute < to;
  return (days.includes(today) && minute >= from) || (days.includes(yesterday) && minute < to);
}

/**
 * Reads `dbOps.alerts.maintenance`: `{from, to}` as dates of ISO 8601 with an offset, or `{days, from, to}` with times
 * like `02:00`. What cannot be used is named and left out: better an alert too many.
 */
export function readWindows(setting: unknown): {
  readonly windows: readonly MaintenanceWindow[];
  readonly problems: readonly string[];
} {
  if (setting === undefined || setting === null) return { windows: [], problems: [] };
  if (!Array.isArray(setting)) return { windows: [], problems: ['dbOps.alerts.maintenance must be a list.'] };
  const windows: MaintenanceWindow[] = [];
  const problems: string[] = [];
  (setting as unknown[]).forEach((entry, index) => {
    const read = readWindow(entry);
    if (typeof read === 'string') problems.push(`Window ${index + 1} of dbOps.alerts.maintenance: ${read}`);
    else windows.push(read);
  });
  return { windows, problems };
}

function readWindow(entry: unknown): MaintenanceWindow | string {
  if (typeof entry !== 'object' || entry === null) return 'it must be an object.';
  const { connections = [], reason = '', days, from, to } = entry as Readonly<Record<string, unknown>>;
  if (!Array.isArray(connections) || !connections.every((id) => typeof id === 'string')) {
    return '"connections" must be a list of names of connections.';
  }
  const common = { connections: connections, reason: typeof reason === 'string' ? reason : '' };
  if (typeof from !== 'string' || typeof to !== 'string') return '"from" and "to" are needed.';
  if (days === undefined) {
    const [start, end] = [from, to].map((text) => (/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : NaN));
    if (start === undefined || end === undefined || Number.isNaN(start) || Number.isNaN(end)) {
      return '"from" and "to" must be dates with an offset, like 2026-03-01T02:00+01:00.';
    }
    if (end <= start) return '"to" must be later than "from".';
    return { kind: 'once', ...common, from: start, to: end };
  }
  const list = Array.isArray(days) ? days.map((day) => dayNames.indexOf(String(day).toLowerCase())) : [-1];
  if (list.length === 0 || list.includes(-1)) return `"days" must be a list of ${dayNames.join(', ')}.`;
  const start = minuteOf(from);
  const end = minuteOf(to);
  if (start === undefined || end === undefined) return '"from" and "to" must be times like 02:00.';
  if (start === end) return '"from" and "to" must differ.';
  return { kind: 'weekly', ...common, days: list, from: start, to: end };
}

function minuteOf(text: string): number | undefined {
  const found = /^(\d{1,2}):(\d\d)$/.exec(text);
  const minute = found ? Number(found[1]) * 60 + Number(found[2]) : NaN;
  return minute < dayMinutes && Number(found?.[2]) < 60 ? minute : undefined;
}
