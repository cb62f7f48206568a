import type { FileName } from '../flyway/file-name';
import type { FlywayConfig } from '../flyway/flyway-config';
import { maskPlaceholders, type MaskedText } from '../flyway/placeholders';
import type { Grammar } from '../sql/grammar';
import { splitScript, type SplitScript } from '../sql/splitter';
import { effectsOf, type Effect } from '../rollback/effect';
import { restoreNames } from '../rollback/restore-names';
import type { SurveyedScript } from './survey';

/** A file of a project as the rules see it. What is costly is made when a rule asks, once. */
export class LintScript {
  private cover: MaskedText | undefined;
  private split: SplitScript | undefined;
  private seen: readonly Effect[] | undefined;

  readonly path: string;
  readonly name: string;
  readonly meaning: FileName;
  readonly text: string;
  readonly encodingProblem: SurveyedScript['problem'];
  readonly config: FlywayConfig;

  constructor(
    script: SurveyedScript,
    private readonly grammar: Grammar,
  ) {
    this.path = script.path;
    this.name = script.name;
    this.meaning = script.meaning;
    this.text = script.text;
    this.encodingProblem = script.problem;
    this.config = script.config;
  }

  /** The script with placeholders and a byte order mark masked; every offset is the original's. */
  get statements(): SplitScript {
    return (this.split ??= splitScript(this.masked.text));
  }

  get effects(): readonly Effect[] {
    return (this.seen ??= effectsOf(this.masked.text, this.statements.statements, this.grammar).map((effect) =>
      restoreNames(effect, this.masked.restore),
    ));
  }

  /** Where a finding about the whole file is drawn: its first line, and there what is not blank. */
  get head(): { readonly start: number; readonly end: number } {
    const start = this.text.startsWith('\ufeff') ? 1 : 0;
    const line = /^[^\r\n]*/.exec(this.text.slice(start))?.[0].trimEnd() ?? '';
    return { start, end: start + line.length };
  }

  private get masked(): MaskedText {
    return (this.cover ??= this.mask());
  }

  private mask(): MaskedText {
    const text = this.text.startsWith('\ufeff') ? ` ${this.text.slice(1)}` : this.text;
    if (!this.config.placeholderReplacement) return { text, restore: (derived) => derived };
    const { placeholders, placeholderPrefix, placeholderSuffix } = this.config;
    return maskPlaceholders(text, { values: placeholders, prefix: placeholderPrefix, suffix: placeholderSuffix });
  }
}
