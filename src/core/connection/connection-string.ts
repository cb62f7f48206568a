import { DatabaseError } from '../ports/database-error';
import { sslModes, type ConnectionTarget, type SslMode } from './profile';

/** A connection string taken apart. The password is kept apart from what may be saved. */
export interface ParsedConnectionString {
  readonly target: ConnectionTarget;
  readonly password?: string;
  /** Keywords that libpq knows and this extension does not use. */
  readonly ignored: readonly string[];
}

/**
 * Reads both forms that libpq reads: `postgresql://user@host:port/database?param=value` and `host=… port=…`.
 * Throws a DatabaseError with reason `bad-connection-string`; its message names the place and never repeats a value.
 */
export function parseConnectionString(text: string): ParsedConnectionString {
  const trimmed = text.trim();
  if (trimmed === '') throw bad('The connection string is empty.');
  const uri = /^postgres(?:ql)?:\/\//i.exec(trimmed);
  if (uri) return fromKeywords(parseUri(trimmed.slice(uri[0].length)));
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(trimmed);
  if (scheme?.[1]?.toLowerCase() === 'jdbc') {
    const jdbc = /^jdbc:postgresql:\/\//i.exec(trimmed);
    if (jdbc) return fromKeywords(parseUri(trimmed.slice(jdbc[0].length)));
    throw bad('Only JDBC URLs that begin with jdbc:postgresql:// can be read.');
  }
  if (scheme && trimmed.startsWith('://', scheme[0].length - 1)) {
    throw bad('The scheme before "://" is not PostgreSQL\'s; write postgresql://…');
  }
  return fromKeywords(parseKeywordValues(trimmed));
}

function parseUri(rest: string): Map<string, string> {
  const found = new Map<string, string>();
  // As libpq: what stands before "@" and before the first "/" are the credentials, whatever else they hold.
  const firstSlash = rest.indexOf('/');
  const at = rest.slice(0, firstSlash === -1 ? rest.length : firstSlash).lastIndexOf('@');
  if (at !== -1) readCredentials(rest.slice(0, at), found);
  const [, authority = '', database = '', query = ''] =
    /^([^/?]*)(?:\/([^?]*))?(?:\?([^]*))?$/.exec(rest.slice(at + 1)) ?? [];
  readHostAndPort(authority, found);
  set(found, 'dbname', decode(database, 'database name'));
  readQuery(query, found);
  return found;
}

function readCredentials(credentials: string, found: Map<string, string>): void {
  const colon = credentials.indexOf(':');
  set(found, 'user', decode(colon === -1 ? credentials : credentials.slice(0, colon), 'user name'));
  if (colon !== -1) set(found, 'password', decode(credentials.slice(colon + 1), 'password'));
}

function readHostAndPort(text: string, found: Map<string, string>): void {
  if (text.includes(',')) throw severalHosts();
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (text.startsWith('[') && !bracketed) throw bad('The IPv6 address has no closing bracket.');
  const colon = text.lastIndexOf(':');
  const host = bracketed ? (bracketed[1] ?? '') : colon === -1 ? text : text.slice(0, colon);
  const port = bracketed ? bracketed[2] : colon === -1 ? undefined : text.slice(colon + 1);
  if (!bracketed && host.includes(':')) throw bad('An IPv6 address must stand in brackets: [::1]:5432.');
  set(found, 'host', decode(host, 'host'));
  if (port !== undefined) set(found, 'port', decode(port, 'port'));
}

function readQuery(query: string, found: Map<string, string>): void {
  const pairs = query.split('&').filter((part) => part !== '');
  for (const [index, pair] of pairs.entries()) {
    const equals = pair.indexOf('=');
    const written = decode(equals === -1 ? pair : pair.slice(0, equals), `name of parameter ${index + 1}`);
    const place = placeOf(written, `parameter ${index + 1} after "?"`);
    if (equals === -1) throw bad(`The ${place} has no value: write name=value.`);
    const value = decode(pair.slice(equals + 1), `value of the ${place}`);
    // JDBC's and older drivers' spelling of "TLS without a check".
    const old = written === 'ssl';
    if (!old && !isKnown(written)) throw unknownKeyword(place);
    set(found, old ? 'sslmode' : written, old ? (value === 'true' ? 'require' : 'disable') : value);
  }
}

function parseKeywordValues(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let at = 0;
  let count = 0;
  const skipSpace = (): void => {
    while (/\s/.test(text[at] ?? '')) at++;
  };
  for (;;) {
    skipSpace();
    if (at >= text.length) return found;
    const start = at;
    while (at < text.length && !/[\s=]/.test(text[at] ?? '')) at++;
    const name = text.slice(start, at);
    const place = placeOf(name, `keyword ${++count}`);
    skipSpace();
    if (text[at] !== '=') throw bad(`"=" is missing after ${place}. Write host=… or postgresql://…`);
    if (name === '') throw bad(`A keyword is missing before "=" number ${count}.`);
    if (!isKnown(name)) throw unknownKeyword(place);
    at++;
    skipSpace();
    const quoted = text[at] === "'";
    if (quoted) at++;
    let value = '';
    for (;;) {
      const character = text[at];
      if (character === undefined) {
        if (quoted) throw bad(`The quoted value of ${place} does not end.`);
        break;
      }
      if (quoted ? character === "'" : /\s/.test(character)) break;
      if (character === '\\' && at + 1 < text.length) at++;
      value += text[at] ?? '';
      at++;
    }
    if (quoted) at++;
    set(found, name, value);
  }
}

/** Keywords of libpq that change nothing here: accepted, named to the person, not used. */
const unusedKeywords = new Set(
  (
    'application_name fallback_application_name client_encoding options keepalives keepalives_idle keepalives_interval ' +
    'keepalives_count tcp_user_timeout gssencmode krbsrvname gsslib gssdelegation channel_binding sslcompression sslcrl ' +
    'sslcrldir sslsni sslpassword sslcertmode requirepeer ssl_min_protocol_version ssl_max_protocol_version sslnegotiation ' +
    'target_session_attrs load_balance_hosts require_auth currentSchema ApplicationName reWriteBatchedInserts'
  ).split(' '),
);

function fromKeywords(found: ReadonlyMap<string, string>): ParsedConnectionString {
  const ignored: string[] = [];
  const target: Record<string, string | number> = {};
  let password: string | undefined;
  for (const [name, value] of found) {
    if (value === '') continue;
    if (name === 'password') password = value;
    else if (name === 'port') target['port'] = portNumber(value);
    else if (name === 'connect_timeout') target['connectTimeoutS'] = seconds(value);
    else if (name === 'sslmode') target['sslMode'] = sslMode(value);
    else if (name === 'host' && value.includes(',')) throw severalHosts();
    else {
      const key = Object.hasOwn(plainKeywords, name) ? plainKeywords[name] : undefined;
      if (key === undefined) ignored.push(name);
      else target[key] = value;
    }
  }
  return { target, ignored, ...(password === undefined ? {} : { password }) };
}

const convertedKeywords = new Set(['port', 'password', 'sslmode', 'connect_timeout']);

const plainKeywords: Readonly<Record<string, string>> = {
  host: 'host',
  hostaddr: 'hostAddress',
  dbname: 'database',
  user: 'user',
  service: 'service',
  passfile: 'passfile',
  sslrootcert: 'sslRootCert',
  sslcert: 'sslCert',
  sslkey: 'sslKey',
};

/** A port as libpq takes it: a whole number from 1 to 65535. `what` names its place. */
export function portNumber(value: string, what = 'The port'): number {
  const port = /^\s*\d+\s*$/.test(value) ? Number(value) : NaN;
  if (!(port >= 1 && port <= 65_535)) {
    throw bad(
      `${what} must be a whole number from 1 to 65535. A password with ":", "/", "?", "#", "@" or "%" is written percent-encoded (%3A %2F %3F %23 %40 %25).`,
    );
  }
  return port;
}

function seconds(value: string): number {
  if (!/^\s*\d+\s*$/.test(value)) throw bad('connect_timeout must be a whole number of seconds.');
  return Number(value);
}

export function sslMode(value: string, what = 'sslmode'): SslMode {
  const mode = sslModes.find((known) => known === value);
  if (mode === undefined) throw bad(`${what} must be one of ${sslModes.join(', ')}.`);
  return mode;
}

function set(found: Map<string, string>, name: string, value: string): void {
  if (value !== '') found.set(name, value);
}

function decode(text: string, what: string): string {
  try {
    const decoded = decodeURIComponent(text);
    if (decoded.includes('\0')) throw bad(`The ${what} holds a NUL character.`);
    return decoded;
  } catch (error) {
    if (error instanceof DatabaseError) throw error;
    throw bad(
      `The ${what} holds a "%" that is not followed by two hexadecimal digits of UTF-8; write %25 for a percent sign.`,
    );
  }
}

function isKnown(name: string): boolean {
  return Object.hasOwn(plainKeywords, name) || convertedKeywords.has(name) || unusedKeywords.has(name);
}

/** Only a known keyword is repeated: anything else could be a piece of a password that was not encoded. */
function placeOf(name: string, otherwise: string): string {
  return isKnown(name) ? `"${name}"` : otherwise;
}

function unknownKeyword(place: string): DatabaseError {
  return bad(
    `The ${place} is not one that libpq knows (${[...convertedKeywords, ...Object.keys(plainKeywords)].join(', ')}, …).`,
  );
}

function severalHosts(): DatabaseError {
  return bad('Several hosts in one connection cannot be watched as one server. Add one connection for each.');
}

function bad(message: string): DatabaseError {
  return new DatabaseError(
    'bad-connection-string',
    message,
    'Write postgresql://user@host:5432/database?sslmode=require or host=… port=… dbname=… user=…',
  );
}
