const literal = String.raw`(?:[eE]?'(?:[^'\\]|\\.|'')*(?:'|$)|\$(\w*)\$[\s\S]*?(?:\$\2\$|$))`;
const passwordClause = new RegExp(String.raw`\b(password\s+(?:=\s*)?)${literal}`, 'gi');
const anyLiteral = /'(?:[^']|'')*(?:'|$)/g;
const passwordKeyword = /\b((?:ssl)?password\s*=\s*)(?:''(?:[^']|'''')*''|[^\s'&]+)/gi;
const passwordInUri = /(\b[a-z][a-z0-9+.-]*:\/\/[^:@/\s']*:)[^@\s']+(?=@)/gi;

/**
 * A statement as the server shows it, with the passwords in it replaced by `***`: PostgreSQL keeps the text of
 * `CREATE ROLE … PASSWORD '…'`, user mappings and connection strings as they were written. A text that ends in the
 * middle of a literal is masked to its end.
 */
export function maskSecrets<Text extends string | null>(statement: Text): Text | string {
  if (statement === null || !/password|:\/\//i.test(statement)) return statement;
  return statement
    .replace(passwordClause, (_, before: string) => `${before}'***'`)
    .replace(anyLiteral, (text) => text.replace(passwordKeyword, '$1***').replace(passwordInUri, '$1***'));
}
