import type { Prompts } from '../core/ports/prompts';

/** VS Code's questions, loaded with the first one. */
export class LazyPrompts implements Prompts {
  confirm: Prompts['confirm'] = async (...given) => (await load()).confirm(...given);
  pick: Prompts['pick'] = async (...given) => (await load()).pick(...given);
  input: Prompts['input'] = async (...given) => (await load()).input(...given);
  notify: Prompts['notify'] = async (...given) => (await load()).notify(...given);
}

async function load(): Promise<Prompts> {
  return new (await import('./prompts')).VsCodePrompts();
}
