/** One statement of a script for another database. Offsets are UTF-16 code units of the script. */
export interface DialectStatement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Splits a script as MySQL, SQL Server and SQLite write them: strings and names in `'`, `"`, backticks and brackets, comments
 * with `--`, `#` and `/* … *\/`, MySQL's DELIMITER, SQL Server's GO on a line. Linear, never throws.
 */
export function splitDialect(script: string): DialectStatement[] {
  const statements: DialectStatement[] = [];
  let delimiter = ';';
  let start = -1;
  let last = 0;
  const finish = (): void => {
    if (start >= 0) statements.push({ start, end: last, text: script.slice(start, last) });
    start = -1;
  };
  let at = script.startsWith('\ufeff') ? 1 : 0;
  while (at < script.length) {
    const rest = script.slice(at, at + 80);
    if (isLineStart(script, at)) {
      const command = /^[ \t]*(?:delimiter[ \t]+(\S+)|go[ \t]*\d*)[ \t]*(?=\r|\n|$)/i.exec(rest);
      if (command) {
        finish();
        delimiter = command[1] ?? delimiter;
        at += command[0].length;
        continue;
      }
    }
    const comment = commentEnd(script, at);
    if (comment !== undefined) {
      at = comment;
      continue;
    }
    if (script.startsWith(delimiter, at)) {
      finish();
      at += delimiter.length;
      continue;
    }
    const end = quotedEnd(script, at) ?? at + 1;
    if (!/\s/.test(script.charAt(at))) {
      if (start < 0) start = at;
      last = end;
    }
    at = end;
  }
  finish();
  return statements;
}

function isLineStart(script: string, at: number): boolean {
  return at === 0 || script.charAt(at - 1) === '\n';
}

function commentEnd(script: string, at: number): number | undefined {
  const two = script.slice(at, at + 2);
  if (two === '--' || two.startsWith('#')) {
    const end = script.indexOf('\n', at);
    return end === -1 ? script.length : end;
  }
  // `/*! … */` is code that MySQL runs.
  if (two !== '/*' || script.charAt(at + 2) === '!') return undefined;
  const end = script.indexOf('*/', at + 2);
  return end === -1 ? script.length : end + 2;
}

const closing: Readonly<Record<string, string>> = { "'": "'", '"': '"', '`': '`', '[': ']' };

function quotedEnd(script: string, at: number): number | undefined {
  const close = closing[script.charAt(at)];
  if (close === undefined) return undefined;
  for (let end = at + 1; end < script.length; end++) {
    if (script.charAt(end) === '\\' && close !== ']' && close !== '`') end++;
    else if (script.charAt(end) === close) {
      if (script.charAt(end + 1) === close && close !== ']') end++;
      else return end + 1;
    }
  }
  return script.length;
}
