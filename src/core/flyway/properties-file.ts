/** The pairs of a Java .properties file, in their order: continued lines, `#` and `!` comments, escapes in keys and values. */
export function* parseProperties(content: string): Generator<[string, string]> {
  for (const line of logicalLines(content)) {
    const [, key = '', value = ''] = /^((?:\\.|[^\\=:\s])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/s.exec(line) ?? [];
    if (key !== '') yield [unescaped(key), unescaped(value).trimEnd()];
  }
}

/**
 * The pairs of a Flyway .conf file. Flyway differs from Java here: blanks around a line do not count, a backslash is a
 * plain letter unless it continues the line, and `${NAME}` is the environment's variable, empty when there is none.
 */
export function parseConf(
  content: string,
  environment: Readonly<Record<string, string | undefined>>,
): Generator<[string, string]> {
  const lines = content.replace(/^\ufeff/, '').split(/\r?\n/);
  const prepared = lines.map((line, index) => {
    const next = lines[index + 1] ?? '';
    const continues = /\\$/.test(line.trim()) && next.trim() !== '' && !/^\s*flyway\..*=/.test(next);
    const text = line.trim().replaceAll('\\', '\\\\');
    return continues ? text.slice(0, -1) : text;
  });
  return parseProperties(
    prepared.join('\n').replace(/\$\{([A-Za-z0-9_]+)\}/g, (_, name: string) => environment[name] ?? ''),
  );
}

function* logicalLines(content: string): Generator<string> {
  let pending: string | undefined;
  for (const line of content.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)) {
    const text = line.trimStart();
    if (pending === undefined && (text === '' || /^[#!]/.test(text))) continue;
    const joined: string = (pending ?? '') + text;
    const backslashes = /\\*$/.exec(text)?.[0].length ?? 0;
    pending = backslashes % 2 === 1 ? joined.slice(0, -1) : undefined;
    if (pending === undefined) yield joined;
  }
  if (pending !== undefined) yield pending;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f' };

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9A-Fa-f]{4})|(.))/gs, (_, code: string | undefined, letter: string | undefined) =>
    code === undefined ? (escapes[letter ?? ''] ?? letter ?? '') : String.fromCharCode(parseInt(code, 16)),
  );
}
