import { findRunbook, type RunbookTools } from './registry';
import type { Runbook } from './runbook';

/** The runbooks that have been opened: each is loaded once. */
export class Shelf {
  private readonly books = new Map<string, Runbook>();

  constructor(private readonly tools: RunbookTools) {}

  /** Undefined when there is none of this id. */
  async load(id: string): Promise<Runbook | undefined> {
    const known = this.books.get(id);
    if (known) return known;
    const book = await findRunbook(id)?.load(this.tools);
    if (book) this.books.set(id, book);
    return book;
  }

  /** What has been loaded already. */
  loaded(id: string | undefined): Runbook | undefined {
    return id === undefined ? undefined : this.books.get(id);
  }
}
