import type { LockState } from '../../health/blocking';
import type { Choice, Prompts } from '../../ports/prompts';
import { freeze } from '../session-actions';
import { orderedChoices, victimPlaceholder, type ChosenVictim } from '../victim-choice';
import { lockVerdict } from './lock-verdict';

/** Asks which session is to be signalled, and how. The list is frozen: what is chosen is acted on, or nothing. */
export async function chooseVictim(
  state: LockState,
  prompts: Prompts,
  name: string,
): Promise<ChosenVictim | undefined> {
  return prompts.pick(`Lock Contention on ${name}`, victimChoices(state), victimPlaceholder);
}

/** The recommended step first, then every session that holds up others; prepared transactions have no session. */
export function victimChoices(state: LockState): readonly Choice<ChosenVictim>[] {
  const { recommended } = lockVerdict(state);
  const others = [...state.sessions.values()]
    .filter(({ pid, blocks }) => pid !== 0 && (blocks.length > 0 || pid === recommended?.pid))
    .sort((a, b) => b.holdsUp - a.holdsUp || a.pid - b.pid);
  return orderedChoices(others.map(freeze), recommended);
}
