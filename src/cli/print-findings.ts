import type { rules } from '../core/lint/finding';
import { type FindingSeverity } from '../core/lint/finding';
import { LineColumns } from '../core/lint/line-columns';
import type { WorkspaceLint } from '../core/lint/lint-workspace';
import { pageOf } from '../core/lint/rule';

export const lintFormats = ['text', 'json', 'sarif', 'github'] as const;
export type LintFormat = (typeof lintFormats)[number];

/** A finding as it is printed; lines and columns from 1, the end behind the last character. */
export interface PrintedFinding {
  readonly path: string;
  readonly rule: string;
  readonly severity: FindingSeverity;
  readonly message: string;
  readonly range: {
    readonly start: { readonly line: number; readonly column: number };
    readonly end: { readonly line: number; readonly column: number };
  };
}

/** The findings of all runs, each once; `shown` makes a path one for the person. */
export function printedFindings(results: readonly WorkspaceLint[], shown: (path: string) => string): PrintedFinding[] {
  const seen = new Set<string>();
  return results.flatMap((result) => {
    const columns = new Map(result.scripts.map((script) => [script.path, new LineColumns(script.text)]));
    return result.findings.flatMap(({ path, rule, severity, message, start, end }): PrintedFinding[] => {
      const key = [path, rule, start, end, message].join('\0');
      if (seen.has(key)) return [];
      seen.add(key);
      const at = (offset: number): { line: number; column: number } =>
        columns.get(path)?.at(offset) ?? { line: 1, column: 1 };
      return [{ path: shown(path), rule, severity, message, range: { start: at(start), end: at(end) } }];
    });
  });
}

/** The output of `dbops lint`, without the last line end. `files` counts the scripts that were looked at. */
export function formatFindings(findings: readonly PrintedFinding[], files: number, format: LintFormat): string {
  switch (format) {
    case 'json':
      return JSON.stringify({ findings, files }, null, 2);
    case 'sarif':
      return JSON.stringify(sarif(findings), null, 2);
    case 'github':
      return findings.map(annotation).join('\n');
    case 'text':
      return [
        ...findings.map(
          ({ path, range: { start }, severity, rule, message }) =>
            `${path}:${start.line}:${start.column}: ${severity} ${rule}: ${message}`,
        ),
        `${counted(findings.length, 'finding')} in ${counted(files, 'file')}.`,
      ].join('\n');
  }
}

const sarifLevels: Readonly<Record<FindingSeverity, string>> = {
  error: 'error',
  warning: 'warning',
  information: 'note',
  hint: 'note',
};

/** SARIF 2.1.0, with the rules that were found. */
function sarif(findings: readonly PrintedFinding[]): unknown {
  const ids = [...new Set(findings.map(({ rule }) => rule))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'dbops',
            // A helpUri would have to be absolute, and nothing here knows where the pages are served.
            rules: ids.map((id) => ({
              id,
              help: { text: `${pageOf(id as keyof typeof rules)}, or: dbops lint --explain ${id}` },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map(({ path, rule, severity, message, range: { start, end } }) => ({
          ruleId: rule,
          ruleIndex: ids.indexOf(rule),
          level: sarifLevels[severity],
          message: { text: message },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: path.split('/').map(encodeURIComponent).join('/') },
                region: { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column },
              },
            },
          ],
        })),
      },
    ],
  };
}

/** `::warning file=…` of GitHub's workflow commands; `%`, line ends and, in properties, `:` and `,` are escaped. */
function annotation({ path, rule, severity, message, range: { start, end } }: PrintedFinding): string {
  const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  const command = severity === 'error' || severity === 'warning' ? severity : 'notice';
  const sameLine = start.line === end.line ? `,col=${start.column},endColumn=${end.column}` : '';
  return `::${command} file=${property(path)},line=${start.line},endLine=${end.line}${sameLine},title=${property(rule)}::${data(message)}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
