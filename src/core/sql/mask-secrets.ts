import { nextToken, type SqlToken } from './lexer';

const passwordName = /passw(?:or)?d/i;
const passwordKeyword = /\b((?:ssl)?password\s*=\s*)(?:''(?:[^']|'''')*''|[^\s'&]+)/gi;
const passwordInUri = /(\b[a-z][a-z0-9+.-]*:\/\/[^:@/\s']*:)(?:[^@\s']|'')+(?=@)/gi;

/**
 * A statement as the server shows it, with the passwords in it replaced by `***`: PostgreSQL keeps the text of
 * `CREATE ROLE … PASSWORD '…'`, user mappings and connection strings as they were written. A text that ends in the
 * middle of a literal is masked to its end, and so is what follows a backslash, which ends a literal or not by a setting.
 */
export function maskSecrets<Text extends string | null>(statement: Text): Text | string {
  if (statement === null || !/passw(?:or)?d|:\/\//i.test(statement)) return statement;
  let masked = '';
  let from = 0;
  let named = false;
  for (let token = nextToken(statement, 0); token; token = nextToken(statement, token.end)) {
    const text = statement.slice(token.start, token.end);
    if (token.kind === 'string') {
      const shown = named ? "'***'" : insideOf(text);
      masked += statement.slice(from, token.start) + shown;
      from = token.end;
      if (named && text.includes('\\') && !/^e/i.test(text)) return masked;
      named = false;
    } else named = isNamed(token, text, named);
  }
  return masked + statement.slice(from);
}

/** A literal that comes now belongs to the word `password`: behind it, or behind its `=` or `TO`. */
function isNamed(token: SqlToken, text: string, before: boolean): boolean {
  if (token.kind === 'word' || token.kind === 'quoted-identifier')
    return passwordName.test(text) || (before && text.toLowerCase() === 'to');
  return before && (token.kind === 'comment' || (token.kind === 'symbol' && '=<>!:'.includes(text)));
}

function insideOf(literal: string): string {
  return literal.replace(passwordKeyword, '$1***').replace(passwordInUri, '$1***');
}
