import type { Issue, ScriptRule } from '../../rule';

/** NAMEDATALEN - 1, in every build that is distributed. */
const longest = 63;

/** A letter has three bytes at the most, but for those of two code units: a shorter name cannot be too long. */
const longRun = /[\w$]{64,}|"[^"]{64,}|[\w$]*[\u0080-\uffff][\w$\u0080-\uffff]{20,}|"[^"]*[\u0080-\uffff]/;

export const identifierTooLong: ScriptRule = {
  id: 'safety/identifier-too-long',
  title: 'A name of more than 63 bytes, which PostgreSQL cuts without stopping',
  inUndo: true,
  begin({ script }) {
    if (!longRun.test(script.sql)) return {};
    const seen = new Set<string>();
    return {
      *statement({ statement, scope }): Generator<Issue> {
        if (!longRun.test(scope.sql.slice(statement.start, statement.end))) return;
        for (const token of statement.split.tokens) {
          if (token.end - token.start <= longest / 3) continue;
          if (token.kind !== 'word' && token.kind !== 'quoted-identifier') continue;
          const text = scope.sql.slice(token.start, token.end);
          // A covered placeholder is as long as its name, not as its value.
          if (scope.restore(text) !== text) continue;
          const name = token.kind === 'word' ? text : text.replace(/^U&|^"|"$/gi, '').replaceAll('""', '"');
          const bytes = Buffer.byteLength(name);
          if (bytes <= longest || seen.has(name)) continue;
          seen.add(name);
          yield {
            start: token.start,
            end: token.end,
            message: `This name has ${bytes} bytes: PostgreSQL cuts it to ${longest} ("${cut(name)}") and says so in a notice only. Two names that begin the same meet there.`,
          };
        }
      },
    };
  },
};

function cut(name: string): string {
  let kept = '';
  for (const letter of name) {
    if (Buffer.byteLength(kept + letter) > longest) break;
    kept += letter;
  }
  return kept;
}
