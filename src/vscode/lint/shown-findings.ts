import * as vscode from 'vscode';
import type { FindingSeverity } from '../../core/lint/finding';
import type { LintDone, PlacedFinding, PlacedRange, SettingsMistake } from '../../core/lint/worker-messages';
import { commands } from '../../contributions';
import { inBatches } from './diagnostic-batches';

const severityOf: Readonly<Record<FindingSeverity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

/** Who says it, in the Problems panel. */
export const diagnosticSource = 'DB Ops';

/** The findings of the last run and their diagnostics. What was found on a text that has changed since is not drawn. */
export class ShownFindings implements vscode.Disposable {
  private readonly diagnostics = vscode.languages.createDiagnosticCollection('dbOps');
  private readonly mistakes = vscode.languages.createDiagnosticCollection('dbOpsSettings');
  private readonly files = new Map<string, readonly PlacedFinding[]>();
  /** The version of the document that the findings of an open file were made on. */
  private readonly versions = new Map<string, number>();
  /** Files whose findings came for an older text: they are drawn with the answer to the present one. */
  private readonly late = new Set<string>();

  /** What was found in a document as it is; empty where it has changed since. */
  of(document: vscode.TextDocument): readonly PlacedFinding[] {
    const key = document.uri.toString();
    return this.isCurrent(document) ? (this.files.get(key) ?? []) : [];
  }

  /** Whether the findings of a document are those of its text. */
  isCurrent(document: vscode.TextDocument): boolean {
    const linted = this.versions.get(document.uri.toString());
    return linted === undefined || linted === document.version;
  }

  /** Takes the answers to a run that was asked when the documents had these versions; of `afresh` roots they are all there is. */
  take(answers: readonly LintDone[], versions: ReadonlyMap<string, number>, afresh: readonly string[] = []): void {
    for (const key of this.keysBelow(afresh)) {
      this.files.delete(key);
      this.late.add(key);
    }
    for (const [path, findings] of answers.flatMap(({ changed }) => changed)) {
      const key = vscode.Uri.file(path).toString();
      if (findings.length === 0) this.files.delete(key);
      else this.files.set(key, findings);
      this.late.add(key);
    }
    const open = new Map(vscode.workspace.textDocuments.map((document) => [document.uri.toString(), document.version]));
    for (const [key, version] of versions) this.versions.set(key, version);
    for (const key of [...this.versions.keys()]) if (!open.has(key)) this.versions.delete(key);
    const drawn: [vscode.Uri, vscode.Diagnostic[]][] = [];
    for (const key of [...this.late]) {
      const version = open.get(key);
      // Typed on since: the next run draws it.
      if (version !== undefined && versions.get(key) !== undefined && version !== versions.get(key)) continue;
      this.late.delete(key);
      drawn.push([vscode.Uri.parse(key), diagnosticsOf(this.files.get(key) ?? [])]);
    }
    for (const batch of inBatches(drawn)) this.diagnostics.set(batch);
    this.showMistakes(answers.flatMap((answer) => answer.mistakes));
  }

  /** Forgets what lies in none of these folders. */
  keepBelow(roots: readonly string[]): void {
    const kept = new Set(this.keysBelow(roots));
    for (const key of [...this.files.keys()]) {
      if (kept.has(key)) continue;
      this.files.delete(key);
      this.diagnostics.delete(vscode.Uri.parse(key));
    }
  }

  dispose(): void {
    this.diagnostics.dispose();
    this.mistakes.dispose();
  }

  private keysBelow(roots: readonly string[]): string[] {
    const prefixes = roots.map((root) => `${vscode.Uri.file(root).toString()}/`);
    return [...this.files.keys()].filter((key) => prefixes.some((prefix) => key.startsWith(prefix)));
  }

  private showMistakes(mistakes: readonly SettingsMistake[]): void {
    this.mistakes.clear();
    for (const path of new Set(mistakes.map((mistake) => mistake.path))) {
      const own = mistakes.filter((mistake) => mistake.path === path);
      this.mistakes.set(
        vscode.Uri.file(path),
        own.map(({ message, isError, range }) => {
          const severity = isError ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
          return Object.assign(new vscode.Diagnostic(rangeOf(range), message, severity), { source: diagnosticSource });
        }),
      );
    }
  }
}

/** The worst first, then from the top. */
function diagnosticsOf(findings: readonly PlacedFinding[]): vscode.Diagnostic[] {
  return findings.map(toDiagnostic).sort((a, b) => a.severity - b.severity || a.range.start.compareTo(b.range.start));
}

function toDiagnostic(finding: PlacedFinding): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(rangeOf(finding.range), finding.message, severityOf[finding.severity]);
  diagnostic.source = diagnosticSource;
  diagnostic.code = { value: finding.rule, target: ruleLink(finding.rule) };
  if (finding.related) {
    diagnostic.relatedInformation = finding.related.map(
      ({ path, message }) =>
        new vscode.DiagnosticRelatedInformation(
          new vscode.Location(vscode.Uri.file(path), new vscode.Position(0, 0)),
          message,
        ),
    );
  }
  return diagnostic;
}

/** Opens the page of a rule. */
export function ruleLink(rule: string): vscode.Uri {
  return vscode.Uri.parse(`command:${commands.openRule}?${encodeURIComponent(JSON.stringify([rule]))}`);
}

/** The rule of a diagnostic of ours; undefined for those of others. */
export function ruleOf({ source, code }: vscode.Diagnostic): string | undefined {
  if (source !== diagnosticSource) return undefined;
  return typeof code === 'object' ? String(code.value) : undefined;
}

export function rangeOf({ startLine, startColumn, endLine, endColumn }: PlacedRange): vscode.Range {
  return new vscode.Range(startLine, startColumn, endLine, endColumn);
}
