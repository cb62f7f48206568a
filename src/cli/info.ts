import { checksum } from '../core/flyway/checksum';
import type { WorkspaceLint } from '../core/lint/lint-workspace';
import type { LintScript } from '../core/lint/lint-script';
import { isTransactional } from '../core/flyway/transactions';

/** One file as Flyway would see it. */
export interface ScriptInfo {
  readonly path: string;
  readonly kind: 'versioned' | 'undo' | 'repeatable' | 'baseline' | 'callback' | 'skipped';
  readonly version: string | null;
  readonly description: string | null;
  /** Flyway's signed checksum; null for what Flyway does not read. */
  readonly checksum: number | null;
  /** Whether Flyway runs it in one transaction; null for what it does not run. */
  readonly transactional: boolean | null;
  readonly reason?: string;
}

/** What `dbops info` prints, in the order of paths. */
export function describeScripts(lint: WorkspaceLint): ScriptInfo[] {
  return lint.scripts.map(describe);
}

function describe(script: LintScript): ScriptInfo {
  const { meaning, path } = script;
  if (meaning.kind === 'invalid' || meaning.kind === 'skipped') {
    return {
      path,
      kind: 'skipped',
      version: null,
      description: null,
      checksum: null,
      transactional: null,
      reason: meaning.reason,
    };
  }
  return {
    path,
    kind: meaning.kind,
    version: 'version' in meaning ? meaning.version.text : null,
    description: meaning.description,
    checksum: checksum(script.text),
    transactional: isTransactional(script.text, script.statements.statements),
  };
}
