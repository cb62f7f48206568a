import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../test/lab/project-root';
import { collectWords } from './collect-words';
import { main } from './main';

/** `l10n/bundle.l10n.json`: what a translator copies to `bundle.l10n.de.json`, and translates. */
main(() => {
  const messages = collectWords(projectRoot).flatMap(({ message }) => message ?? []);
  const bundle = Object.fromEntries([...new Set(messages)].sort().map((message) => [message, message]));
  const file = path.join(projectRoot, 'l10n', 'bundle.l10n.json');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(bundle, undefined, 2)}\n`);
  console.log(`${path.relative(process.cwd(), file)}: ${Object.keys(bundle).length} texts`);
  return Promise.resolve();
});
