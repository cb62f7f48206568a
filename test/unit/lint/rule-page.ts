import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../lab/project-root';

/** A script that a page shows. */
export interface PageScript {
  readonly text: string;
  /** Flyway runs it without a transaction. */
  readonly noTransaction: boolean;
}

/** The page of a rule, as far as it is run. */
export interface RulePage {
  readonly file: string;
  readonly rule: string;
  readonly text: string;
  readonly before: string;
  readonly bad: readonly PageScript[];
  readonly good: readonly PageScript[];
  /** The locks of the bad example: `SHARE` on `orders`. */
  readonly locks: readonly { readonly mode: string; readonly table: string }[];
}

export function rulePages(): RulePage[] {
  const folder = path.join(projectRoot, 'docs/rules');
  return readdirSync(folder)
    .filter((file) => file !== 'README.md')
    .map((file) => readPage(file, readFileSync(path.join(folder, file), 'utf8')));
}

function readPage(file: string, text: string): RulePage {
  const blocks = [...text.matchAll(/^```sql (before|bad|good)( no-transaction)?\n([\s\S]*?)^```$/gm)];
  const scripts = (kind: string): PageScript[] =>
    blocks
      .filter(([, found]) => found === kind)
      .map(([, , flag, script = '']) => ({ text: script, noTransaction: flag !== undefined }));
  const lockLine = /^Lock, measured: (.*)\.$/m.exec(text)?.[1] ?? '';
  return {
    file,
    rule: /^# (\S+)/.exec(text)?.[1] ?? '',
    text,
    before: scripts('before')[0]?.text ?? '',
    bad: scripts('bad'),
    good: scripts('good'),
    locks: [...lockLine.matchAll(/`([A-Z ]+)` on `(\w+)`/g)].map(([, mode = '', table = '']) => ({ mode, table })),
  };
}
