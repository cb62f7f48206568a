import * as vscode from 'vscode';
import type { Session } from '../../core/ports/session';
import type { Choice, Prompts } from '../../core/ports/prompts';
import type { Parameter, ParameterValue, ParameterValues } from '../../core/runbooks/parameter';
import type { Runbook } from '../../core/runbooks/runbook';

/**
 * Asks for everything a runbook must know, one quick pick after the other. Undefined: the person backed out.
 * @param from what the runbook is opened from: a finding or an alert names a runbook by itself, and `subject` is what it is
 *   about; where that is among the choices, nobody is asked
 */
export async function askParameters(
  runbook: Runbook,
  connect: () => Promise<Session>,
  prompts: Prompts,
  { named, subject }: { readonly named: boolean; readonly subject: string | undefined },
): Promise<ParameterValues | undefined> {
  const { parameters = [], title } = runbook;
  let chosen: ParameterValues = {};
  for (const parameter of parameters) {
    const asks = parameter.asked === 'from-palette' && !named;
    if (!asks && subject === undefined) continue;
    const choices = await parameter.choices(connect, chosen);
    const given = subject === undefined ? undefined : choices.find(({ value }) => isAbout(value, subject));
    if (!asks && !given) continue;
    const answer =
      given?.value ?? (await ask(parameter, choices, vscode.l10n.t('{0}: {1}', title, parameter.title), prompts));
    if (!answer) return undefined;
    chosen = { ...chosen, [parameter.id]: answer };
  }
  return chosen;
}

async function ask(
  { own, placeholder }: Parameter,
  choices: readonly Choice<ParameterValue>[],
  title: string,
  prompts: Prompts,
): Promise<ParameterValue | undefined> {
  const offered = choices.map((choice): Choice<ParameterValue | 'own'> => display(choice));
  if (own) offered.push({ label: own.label, value: 'own' });
  const picked = await prompts.pick(title, offered, placeholder);
  if (picked !== 'own') return picked;
  const typed = own && (await prompts.input(own.request));
  return typed === undefined ? undefined : own?.read(typed);
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
