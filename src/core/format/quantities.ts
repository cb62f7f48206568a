const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Bytes in powers of 1024 with PostgreSQL's unit names: `64 MB`, `1.5 GB`, three digits at most. */
export function formatBytes(bytes: number): string {
  const sign = bytes < 0 ? '-' : '';
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 1023.5 && unit < byteUnits.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${sign}${trimZero(value.toFixed(digits))} ${byteUnits[unit] ?? 'B'}`;
}

/** Seconds in the two largest units: `0 s`, `0.4 s`, `94 s`, `12 min`, `3 h 20 min`, `5 d 2 h`. */
export function formatDuration(seconds: number): string {
  const value = Math.max(0, seconds);
  if (value < 10) return `${trimZero((Math.floor(value * 10) / 10).toFixed(1))} s`;
  if (value < 120) return `${Math.floor(value)} s`;
  const minutes = Math.floor(value / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** Days, in whole ones from two on: `23 days`, `36 h`. */
export function formatDays(days: number): string {
  return days < 2 ? formatDuration(days * 86_400) : `${Math.floor(days)} days`;
}

/** `1 session`, `3 sessions`; `many` is the plural, the noun with an s by default. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function trimZero(text: string): string {
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}
