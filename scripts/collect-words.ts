import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** A call that says something to a person, and what it says. */
export interface Words {
  /** `src/vscode/x.ts:12` */
  readonly place: string;
  /** Undefined where it is no literal: nobody could translate it. */
  readonly message: string | undefined;
  /** How many values are put into it. */
  readonly values: number;
}

/** Calls whose first argument is a text to translate. */
const sayings = new Set(['vscode.l10n.t', 'l10n.t', 'phrase']);

/** All texts for persons in the sources below a folder: of `l10n.t` in the editor's code, of `phrase` in core. */
export function collectWords(root: string): Words[] {
  return readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const file = `src/${name.replaceAll('\\', '/')}`;
      const text = readFileSync(path.join(root, file), 'utf8');
      return /\b(l10n|phrase)\b/.test(text) ? wordsOf(file, text) : [];
    });
}

function wordsOf(file: string, text: string): Words[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext);
  const found: Words[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && sayings.has(node.expression.getText(source))) {
      const [message, ...values] = node.arguments;
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      found.push({
        place: `${file}:${line + 1}`,
        message: message && ts.isStringLiteralLike(message) ? message.text : undefined,
        values: values.some(ts.isSpreadElement) ? NaN : values.length,
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
