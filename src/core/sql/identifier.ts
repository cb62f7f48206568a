/** A name that PostgreSQL cannot hold. */
export class IdentifierError extends Error {
  readonly reason = 'bad-identifier';
}

/**
 * One name as a quoted identifier. The only place that does it; everything that is not a name travels as a parameter.
 * Throws an IdentifierError for an empty name and for NUL, which no PostgreSQL identifier can hold.
 */
export function quoteIdentifier(name: string): string {
  if (name === '') throw new IdentifierError('An identifier cannot be empty.');
  if (name.includes('\0')) throw new IdentifierError('An identifier cannot hold a NUL character.');
  return `"${name.replaceAll('"', '""')}"`;
}

/** `"schema"."name"`. */
export function quoteQualified(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/**
 * A text as a literal, for the statements that take no parameters (ROLLBACK PREPARED, ALTER SYSTEM). Right whatever
 * `standard_conforming_strings` says. Throws an IdentifierError for NUL, which no text of PostgreSQL can hold.
 */
export function quoteLiteral(value: string): string {
  if (value.includes('\0')) throw new IdentifierError('A text cannot hold a NUL character.');
  const quoted = `'${value.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return value.includes('\\') ? `E${quoted}` : quoted;
}
