import * as vscode from 'vscode';
import type { InputRequest } from '../../core/ports/prompts';
import { back, type Back, type PickStep, type StepPosition, type StepPrompts } from './step-prompts';

/** Steps in VS Code's quick input, with its back button and "2/8" in the title. A click elsewhere does not end them. */
export class QuickStepPrompts implements StepPrompts {
  async pickStep<T>(at: StepPosition, request: PickStep<T>): Promise<T | Back | undefined> {
    const input = vscode.window.createQuickPick<vscode.QuickPickItem & { readonly value: T }>();
    input.items = request.choices.map((choice) => ({
      label: choice.label,
      value: choice.value,
      ...(choice.description === undefined ? {} : { description: choice.description }),
      ...(choice.detail === undefined ? {} : { detail: choice.detail }),
    }));
    input.activeItems = input.items.filter((item) => item.value === request.active);
    input.placeholder = request.placeholder ?? '';
    input.matchOnDescription = true;
    return answerOf(input, at, request.title, (accept) => {
      const [chosen] = input.selectedItems;
      if (chosen) accept(chosen.value);
    });
  }

  async inputStep(at: StepPosition, request: InputRequest): Promise<string | Back | undefined> {
    const input = vscode.window.createInputBox();
    input.value = request.value ?? '';
    input.prompt = request.prompt;
    input.placeholder = request.placeholder ?? '';
    input.password = request.password ?? false;
    const check = (): boolean => {
      const problem = request.validate?.(input.value);
      // VS Code takes undefined here; its types of 1.90 do not say so.
      (input as { validationMessage: string | undefined }).validationMessage = problem;
      return problem === undefined;
    };
    const subscription = input.onDidChangeValue(check);
    try {
      return await answerOf(input, at, request.title, (accept) => {
        if (check()) accept(input.value);
      });
    } finally {
      subscription.dispose();
    }
  }
}

type AnyInput = vscode.InputBox | vscode.QuickPick<vscode.QuickPickItem>;

/** Shows an input until it is accepted, left by the back button, or given up. */
async function answerOf<T>(
  input: AnyInput,
  at: StepPosition,
  title: string,
  onAccept: (accept: (value: T) => void) => void,
): Promise<T | Back | undefined> {
  input.title = title;
  input.step = at.step;
  input.totalSteps = at.of;
  input.ignoreFocusOut = true;
  if (at.step > 1) input.buttons = [vscode.QuickInputButtons.Back];
  try {
    return await new Promise<T | Back | undefined>((resolve) => {
      input.onDidAccept(() => onAccept(resolve));
      input.onDidTriggerButton(() => resolve(back));
      input.onDidHide(() => resolve(undefined));
      input.show();
    });
  } finally {
    input.dispose();
  }
}
