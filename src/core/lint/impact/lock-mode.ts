/** PostgreSQL's table-level locks, the weakest first. */
export const lockModes = [
  'AccessShare',
  'RowShare',
  'RowExclusive',
  'ShareUpdateExclusive',
  'Share',
  'ShareRowExclusive',
  'Exclusive',
  'AccessExclusive',
] as const;

export type LockMode = (typeof lockModes)[number];

/** Sorts locks by what they keep others from; the strongest last. */
export function strength(mode: LockMode): number {
  return lockModes.indexOf(mode);
}

/** `ACCESS EXCLUSIVE`, as the documentation writes it. */
export function lockName(mode: LockMode): string {
  return mode.replace(/([a-z])([A-Z])/g, '$1 $2').toUpperCase();
}

/** What others cannot do while the lock is held. */
export function blocks(mode: LockMode): string {
  if (mode === 'AccessExclusive') return 'reads and writes';
  return strength(mode) >= strength('Share') ? 'writes' : 'other changes of the schema';
}

/** Whether a lock stops the application: it conflicts with what INSERT, UPDATE and DELETE take. */
export function stopsWrites(mode: LockMode): boolean {
  return strength(mode) >= strength('Share');
}
