/** What a line of the password file is matched against. */
export interface PasswordKey {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** Where libpq looks for the local socket, by the build. Only these are looked up as `localhost`. */
export const defaultSocketDirectories: readonly string[] = ['/var/run/postgresql', '/run/postgresql', '/tmp'];

/**
 * The password of the first line that matches, as libpq reads `~/.pgpass`: five fields, `*` matches all, a backslash
 * escapes the character behind it, comment lines begin with `#`, a password ends at a bare `:`. The first match counts
 * even when its password is empty: then there is none. (The package `pgpass` differs in all but the first two.)
 */
export function passwordFromFile(content: string, key: PasswordKey): string | undefined {
  const host = key.host === '' || defaultSocketDirectories.includes(key.host) ? 'localhost' : key.host;
  const wanted = [host, String(key.port), key.database, key.user];
  for (const line of content.split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue;
    const fields = splitFields(line);
    const password = fields[4];
    if (password === undefined) continue;
    if (wanted.every((value, index) => fields[index] === '*' || unescape(fields[index] ?? '') === value)) {
      return password === '' ? undefined : unescape(password);
    }
  }
  return undefined;
}

/** Raw fields, escapes kept: `*` means "all" only when it is not escaped. The fifth is the rest of the line. */
function splitFields(line: string): string[] {
  const fields: string[] = [];
  let field = '';
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === '\\' && at + 1 < line.length) {
      field += character + line.charAt(++at);
    } else if (character === ':' && fields.length < 4) {
      fields.push(field);
      field = '';
    } else if (character === ':') {
      break;
    } else {
      field += character;
    }
  }
  fields.push(field);
  return fields;
}

function unescape(field: string): string {
  return field.replace(/\\(.)/gsu, '$1');
}
