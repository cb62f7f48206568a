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
