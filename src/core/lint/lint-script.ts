import type { FileName } from '../flyway/file-name';
import type { FlywayConfig } from '../flyway/flyway-config';
import { checksum } from '../flyway/checksum';
import {
  maskPlaceholders,
  placeholdersOf,
  replacePlaceholders,
  unmasked,
  type MaskedText,
} from '../flyway/placeholders';
import { RememberingGrammar, type Grammar } from '../sql/grammar';
import { blockStatements, type BlockStatement } from '../sql/block-statements';
import { parseStatements, type ParsedPart, type ParsedStatement } from '../sql/parsed-statement';
import { splitScript, type SplitScript } from '../sql/splitter';
import { effectsOf, type Effect } from '../rollback/effect';
import { restoreNames } from '../rollback/restore-names';
import type { SurveyedScript } from './survey';

/** Trees are some thirty times as large as their text: those of a longer script are not kept until they are asked for again. */
const longestKept = 300_000;

/** A file of a project as the rules see it. What is costly is made when a rule asks, once. */
export class LintScript {
  private cover: MaskedText | undefined;
  private split: SplitScript | undefined;
  private seen: readonly Effect[] | undefined;
  private sums: readonly number[] | undefined;

  readonly path: string;
  readonly name: string;
  readonly meaning: FileName;
  readonly text: string;
  readonly encodingProblem: SurveyedScript['problem'];
  readonly config: FlywayConfig;
  readonly configProblems: readonly string[];

  private readonly grammar: RememberingGrammar;
  private readonly isWritten: boolean;

  /**
   * @param before the script as it was before the last key, where a person writes it: what did not change in it is not
   * parsed again, and its trees are kept for the next key
   */
  constructor(script: SurveyedScript, grammar: Grammar, before?: LintScript | 'none yet') {
    this.isWritten = before !== undefined;
    const known = before instanceof LintScript ? before.grammar : undefined;
    this.grammar = new RememberingGrammar(grammar, script.text.length <= longestKept, known);
    this.path = script.path;
    this.name = script.name;
    this.meaning = script.meaning;
    this.text = script.text;
    this.encodingProblem = script.problem;
    this.config = script.config;
    this.configProblems = script.configProblems;
  }

  /** The script as it is parsed: placeholders and a byte order mark covered. */
  get sql(): string {
    return this.masked.text;
  }

  /** Writes covered placeholders back into a name or a text that was made from `sql`. */
  get restore(): (derived: string) => string {
    return this.masked.restore;
  }

  /** The same with the values of the placeholders, where those are known: for names that other scripts say as well. */
  get resolve(): (derived: string) => string {
    return this.masked.resolve;
  }

  /** Nothing is known of its text, which is empty here: neither what it does nor its checksum. */
  get isUnreadable(): boolean {
    return this.encodingProblem === 'unreadable';
  }

  /** Whether anything in a part of `sql` stands for a placeholder. */
  isCovered(part: string): boolean {
    return this.masked.isCovered(part);
  }

  /** The schema in which Flyway lets names without one be looked up first; undefined for public. */
  get searchedSchema(): string | undefined {
    const { defaultSchema } = this.config;
    return defaultSchema === 'public' ? undefined : defaultSchema;
  }

  /** Whether a part of `sql` holds a placeholder whose value is not known. */
  isOpen(part: string): boolean {
    return this.masked.isOpen(part);
  }

  /** An offset of `sql` as one of the file's text; `end` is the end of a range. */
  toText(offset: number, end = false): number {
    return this.masked.toOriginal(offset, end);
  }

  /** The statements of `sql`. */
  get statements(): SplitScript {
    return (this.split ??= splitScript(this.sql));
  }

  /** The statements with their trees, one after the other, and what could not be parsed. */
  parts(): Generator<ParsedPart> {
    return parseStatements(this.sql, this.statements.statements, this.grammar);
  }

  /** The statements inside of a DO block. */
  inside(block: ParsedStatement): BlockStatement[] {
    return blockStatements(this.sql, block, this.grammar);
  }

  /** Lets go of the trees and tokens; they are made again when they are asked for. */
  forgetTrees(): void {
    if (this.isWritten) return;
    this.grammar.forget();
    this.split?.forgetTokens();
  }

  /** Reads the effects while the trees are there. */
  prepareEffects(): void {
    this.seen ??= this.effects;
  }

  get effects(): readonly Effect[] {
    return (this.seen ??= effectsOf(this.sql, this.statements.statements, this.grammar).map((effect) =>
      restoreNames(effect, this.masked.restore, this.masked.resolve),
    ));
  }

  /**
   * The checksums that Flyway takes for this script's. A repeatable one has two: of the text with its placeholders replaced,
   * and of the raw one. None where the text cannot be read.
   */
  get checksums(): readonly number[] {
    return (this.sums ??= this.computeChecksums());
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

  private computeChecksums(): number[] {
    if (this.isUnreadable) return [];
    const raw = checksum(this.text);
    if (this.meaning.kind !== 'repeatable' || !this.config.placeholderReplacement) return [raw];
    const replaced = replacePlaceholders(this.text, placeholdersOf(this.config, this.name, this.text));
    return 'text' in replaced ? [checksum(replaced.text), raw] : [raw];
  }

  private mask(): MaskedText {
    const text = this.text.startsWith('\ufeff') ? ` ${this.text.slice(1)}` : this.text;
    if (!this.config.placeholderReplacement) return unmasked(text);
    return maskPlaceholders(text, placeholdersOf(this.config, this.name, text));
  }
}
