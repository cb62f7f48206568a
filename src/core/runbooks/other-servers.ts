import type { ConnectionProfile } from '../connection/profile';
import { abortable } from '../monitor/abortable';
import type { Connections } from '../ports/connections';
import { DatabaseError, isAbort } from '../ports/database-error';
import type { Session } from '../ports/session';

/** What another saved connection answered, or why it did not. */
export interface OtherServer<Answer> {
  readonly profile: ConnectionProfile;
  readonly answer: Answer | undefined;
  /** Why there is no answer; undefined where there is one. */
  readonly problem: string | undefined;
}

/** One that has not answered within this is told as such: the others must not wait for it. In ms. */
const patienceMs = 4000;
/** More connections than this are not asked: it would take minutes of a night. */
const mostAsked = 40;

/** Asks the other saved connections at once. Rejects only when `signal` is aborted. */
export async function askOthers<Answer>(
  connections: Connections,
  exceptId: string,
  ask: (session: Session, signal: AbortSignal) => Promise<Answer>,
  signal: AbortSignal,
): Promise<readonly OtherServer<Answer>[]> {
  const profiles = connections.profiles.list().filter(({ id }) => id !== exceptId);
  return Promise.all(
    profiles.slice(0, mostAsked).map(async (profile): Promise<OtherServer<Answer>> => {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
      try {
        const session = await abortable(connections.session(profile.id, patience), patience);
        return { profile, answer: await ask(session, patience), problem: undefined };
      } catch (error) {
        signal.throwIfAborted();
        const problem = isAbort(error) ? `no answer within ${patienceMs / 1000} s` : reasonOf(error);
        return { profile, answer: undefined, problem };
      }
    }),
  );
}

function reasonOf(error: unknown): string {
  if (error instanceof DatabaseError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
