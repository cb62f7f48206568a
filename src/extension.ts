import type { ExtensionContext } from 'vscode';

/** Composition root: builds the parts, registers them, returns. */
export function activate(context: ExtensionContext): void {
  context.subscriptions.push();
}
