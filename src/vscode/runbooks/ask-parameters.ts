import * as vscode from 'vscode';
import type { Session } from '../../core/ports/session';
import type { Choice, Prompts } from '../../core/ports/prompts';
import type { ParameterValue, ParameterValues } from '../../core/runbooks/parameter';
import type { Runbook } from '../../core/runbooks/runbook';

/**
 * Asks for everything a runbook must know, one quick pick after the other. Undefined: the person backed out, or there is
 * nothing to choose from, which is told. `subject`: what the finding is about that the runbook is opened from; where it is
 * among the choices, nobody is asked.
 */
export async function askParameters(
  runbook: Runbook,
  connect: () => Promise<Session>,
  prompts: Prompts,
  subject: string | undefined,
): Promise<ParameterValues | undefined> {
  const { parameters = [], title } = runbook;
  if (parameters.length === 0) return {};
  const session = await connect();
  let chosen: ParameterValues = {};
  for (const parameter of parameters) {
    const choices = await parameter.choices(session, chosen);
    if (choices.length === 0) {
      await prompts.notify('info', parameter.none);
      return undefined;
    }
    const given = subject === undefined ? undefined : choices.find(({ value }) => isAbout(value, subject));
    const answer =
      given?.value ??
      (await prompts.pick(
        vscode.l10n.t('{0}: {1}', title, parameter.title),
        choices.map((choice) => display(choice)),
        parameter.placeholder,
      ));
    if (!answer) return undefined;
    chosen = { ...chosen, [parameter.id]: answer };
  }
  return chosen;
}

function isAbout({ value, label }: ParameterValue, subject: string): boolean {
  return value === subject || label === subject;
}

/** A quick pick draws `$(name)` as an icon: names of a database are to be read as they are. */
function display(choice: Choice<ParameterValue>): Choice<ParameterValue> {
  const plain = (text: string): string => text.replaceAll('$(', '$\u200b(');
  return {
    ...choice,
    label: plain(choice.label),
    ...(choice.description === undefined ? {} : { description: plain(choice.description) }),
  };
}
