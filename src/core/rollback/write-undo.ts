import type { Effect } from './effect';

/**
 * The text of an undo script for these effects, last first. What has no certain inverse becomes a statement that stops the
 * script with its reason: an undo that silently leaves something out would look like a success. `searchPaths` are the
 * statements with which the script sets its search_path.
 */
export function writeUndo(scriptName: string, effects: readonly Effect[], searchPaths: readonly string[] = []): string {
  const lines = [`-- Undoes ${scriptName}. Generated: read every statement, and try it on a copy before you trust it.`];
  // The names of the script are found as it has found them.
  const [path, ...others] = searchPaths;
  if (path !== undefined)
    lines.push(
      '',
      others.length === 0 ? `${path};` : stop('Not written yet: the script changes its search_path in between'),
    );
  let before: string | undefined;
  for (const effect of [...effects].reverse()) {
    if (effect.reversibility === 'none') continue;
    if (effect.undo !== undefined) lines.push('', `${effect.undo};`);
    // Ten thousand rows put in one by one are one thing to undo.
    else if (effect.what !== before)
      lines.push(
        '',
        `-- The script ${oneLine(effect.what)}.`,
        stop(`Not written yet: the inverse of a statement that ${effect.what}`),
      );
    before = effect.undo === undefined ? effect.what : undefined;
  }
  return `${lines.join('\n')}\n`;
}

function stop(message: string): string {
  const text = oneLine(message).replaceAll("'", "''").replaceAll('%', '%%');
  const tag = text.includes('$undo$') ? '$undo_of_script$' : '$undo$';
  return `DO ${tag} BEGIN RAISE EXCEPTION '${text}'; END ${tag};`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
