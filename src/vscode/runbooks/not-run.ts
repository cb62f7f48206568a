import { DatabaseError } from '../../core/ports/database-error';

/** The cell was not run, for a reason a person can mend. */
export class NotRun extends Error {
  readonly reason = 'not-run';
}

/** What a cell says where a step did not come to its end. */
export function failureText(error: unknown): string {
  if (error instanceof DatabaseError)
    return error.remedy === undefined ? error.message : `${error.message} ${error.remedy}`;
  return error instanceof Error ? error.message : String(error);
}
