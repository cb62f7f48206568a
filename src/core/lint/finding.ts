import { projectRules } from './rules/rollback/severities';
import { statementRules } from './rules/severities';

export const severities = ['error', 'warning', 'information', 'hint'] as const;
export type FindingSeverity = (typeof severities)[number];

/** What a quick fix needs to know. */
export type Fix =
  | { readonly kind: 'rename'; readonly to: string }
  | {
      readonly kind: 'create-undo';
      readonly name: string;
      readonly text: string;
      /** Each statement of V has an inverse that is certain: nothing is left for a person to write. */
      readonly certain: boolean;
    };

/** Something that lint has found. Offsets are UTF-16 code units of the file's text. */
export interface Finding {
  readonly path: string;
  readonly rule: RuleId;
  readonly severity: FindingSeverity;
  readonly message: string;
  readonly start: number;
  readonly end: number;
  /** It is about the file as a whole, so any suppression at the head of the file covers it. */
  readonly wholeFile?: boolean;
  readonly fix?: Fix;
  /** Other places that belong to it. */
  readonly related?: readonly { readonly path: string; readonly message: string }[];
  /** A script whose suppressions of the whole file count too: the U script, where V was applied and must not change. */
  readonly partner?: string;
}

/** Every rule with its severity when nothing is configured, `off` for what a project asks for; docs/rules has a page for each. */
export const rules = {
  'flyway/skipped-name': 'warning',
  'flyway/duplicate-version': 'error',
  'flyway/duplicate-repeatable': 'error',
  'flyway/encoding': 'error',
  ...statementRules,
  'rollback/undo-missing': 'warning',
  'rollback/undo-without-versioned': 'warning',
  ...projectRules,
  'lint/suppression-without-reason': 'warning',
  'lint/unused-suppression': 'hint',
  'lint/unknown-rule': 'warning',
} as const satisfies Record<string, FindingSeverity | 'off'>;

export type RuleId = keyof typeof rules;

export function isRuleId(text: string): text is RuleId {
  return Object.hasOwn(rules, text);
}
