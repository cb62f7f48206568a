import * as vscode from 'vscode';
import type { Choice, Confirmation, InputRequest, Prompts } from '../core/ports/prompts';

/** Asks through VS Code: modal dialogs for what changes something, quick input for the rest. */
export class VsCodePrompts implements Prompts {
  async confirm(question: Confirmation): Promise<boolean> {
    const detail = question.sql === undefined ? question.detail : `${question.detail}\n\n${question.sql}`;
    const pressed = await vscode.window.showWarningMessage(question.title, { modal: true, detail }, question.action);
    if (pressed !== question.action) return false;
    const { typedName } = question;
    if (typedName === undefined) return true;
    const typed = await vscode.window.showInputBox({
      title: question.title,
      prompt: vscode.l10n.t('Type the name of the connection, {0}, to confirm.', typedName),
      ignoreFocusOut: true,
      validateInput: (value) =>
        value === '' || value === typedName
          ? undefined
          : vscode.l10n.t('Type exactly {0}, or press Escape.', typedName),
    });
    return typed === typedName;
  }

  async pick<T>(title: string, choices: readonly Choice<T>[], placeholder?: string): Promise<T | undefined> {
    const items = choices.map((choice) => ({
      label: choice.label,
      ...(choice.description === undefined ? {} : { description: choice.description }),
      ...(choice.detail === undefined ? {} : { detail: choice.detail }),
      value: choice.value,
    }));
    const options = {
      title,
      matchOnDescription: true,
      matchOnDetail: true,
      ...(placeholder === undefined ? {} : { placeHolder: placeholder }),
    };
    return (await vscode.window.showQuickPick(items, options))?.value;
  }

  async input(request: InputRequest): Promise<string | undefined> {
    return vscode.window.showInputBox({
      title: request.title,
      prompt: request.prompt,
      ignoreFocusOut: true,
      password: request.password ?? false,
      ...(request.value === undefined ? {} : { value: request.value }),
      ...(request.placeholder === undefined ? {} : { placeHolder: request.placeholder }),
      ...(request.validate === undefined ? {} : { validateInput: request.validate }),
    });
  }

  async notify(
    level: 'info' | 'warning' | 'error',
    message: string,
    ...actions: readonly string[]
  ): Promise<string | undefined> {
    // Notifications follow links, commands too: text of a server must not become one.
    const shown = message.replaceAll('](', '] (');
    switch (level) {
      case 'info':
        return vscode.window.showInformationMessage(shown, ...actions);
      case 'warning':
        return vscode.window.showWarningMessage(shown, ...actions);
      case 'error':
        return vscode.window.showErrorMessage(shown, ...actions);
    }
  }
}
