import { formatDuration } from '../src/core/format/quantities';
import type { ReportDocument } from '../src/core/reports/document';

/** From when on what is shown is called old; in seconds. */
export const staleAfterS = 300;

/** How old a document is by the host's clock, in seconds; `offset` is that clock minus this one, in ms. */
export function ageOf(document: ReportDocument, now: number, offset: number): number {
  return Math.max(0, (now + offset - document.readAt) / 1000);
}

/** In words: `read 12 s ago`. */
export function ageInWords(seconds: number): string {
  if (seconds < 5) return 'read just now';
  const words = `read ${formatDuration(seconds < 10 ? Math.floor(seconds) : seconds)} ago`;
  return seconds >= staleAfterS ? `${words}: old, refresh` : words;
}
