import type { FileName } from '../flyway/file-name';
import type { FlywayConfig } from '../flyway/flyway-config';
import { maskPlaceholders } from '../flyway/placeholders';
import type { Grammar } from '../sql/grammar';
import { splitScript, type SplitScript } from '../sql/splitter';
import { effectsOf, type Effect } from '../rollback/effect';

/** A file of a project as the rules see it. What is costly is made when a rule asks, once. */
export class LintScript {
  private split: SplitScript | undefined;
  private seen: readonly Effect[] | undefined;

  constructor(
    readonly path: string,
    readonly name: string,
    readonly meaning: FileName,
    readonly text: string,
    readonly validEncoding: boolean,
    private readonly config: FlywayConfig,
    private readonly grammar: Grammar,
  ) {}

  /** The script with placeholders and a byte order mark masked; every offset is the original's. */
  get statements(): SplitScript {
    return (this.split ??= splitScript(this.masked()));
  }

  get effects(): readonly Effect[] {
    return (this.seen ??= effectsOf(this.masked(), this.statements.statements, this.grammar));
  }

  /** Where a finding about the whole file is drawn: its first line, and there what is not blank. */
  get head(): { readonly start: number; readonly end: number } {
    const start = this.text.startsWith('\ufeff') ? 1 : 0;
    const line = /^[^\r\n]*/.exec(this.text.slice(start))?.[0].trimEnd() ?? '';
    return { start, end: start + line.length };
  }

  private masked(): string {
    const text = this.text.startsWith('\ufeff') ? ` ${this.text.slice(1)}` : this.text;
    if (!this.config.placeholderReplacement) return text;
    const { placeholders, placeholderPrefix, placeholderSuffix } = this.config;
    return maskPlaceholders(text, { values: placeholders, prefix: placeholderPrefix, suffix: placeholderSuffix });
  }
}
