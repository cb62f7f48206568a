import { formatCount } from '../format/quantities';
import type { Choice } from '../ports/prompts';
import { applicationName } from './action-text';
import { shorten } from './markdown';
import type { SessionAction, Victim } from './session-actions';

export interface ChosenVictim {
  readonly victim: Victim;
  readonly action: SessionAction;
}

/** Longer lists are not read by anyone. */
export const longestList = 100;

/** Said below a list of sessions. */
export const victimPlaceholder =
  'Which session? Who it is will be checked again, and the next question shows the exact statement';

/** A cancel does nothing where no statement runs. */
export function actionsOn(state: string | null): readonly SessionAction[] {
  return state?.startsWith('idle') === true ? ['terminate'] : ['cancel', 'terminate'];
}

/** One session and what may be done to it, as a line of a list. */
export function victimChoice(victim: Victim, action: SessionAction, note?: string): Choice<ChosenVictim> {
  const parts = [
    applicationName(victim.application),
    victim.user ?? 'role hidden',
    victim.state ?? 'state hidden',
    `holds up ${formatCount(victim.holdsUp, 'session')}`,
  ];
  const query = (victim.query ?? '').replace(/\s+/g, ' ').trim();
  const detail = [...(note === undefined ? [] : [note]), ...(query === '' ? [] : [shorten(query, 120)])].join(' · ');
  return {
    label: `${action === 'cancel' ? 'Cancel query of' : 'Terminate'} ${victim.pid}`,
    description: parts.join(' · '),
    ...(detail === '' ? {} : { detail }),
    value: { victim, action },
  };
}

/** The recommended step first, then all sessions with all that may be done to them. */
export function orderedChoices(
  victims: readonly Victim[],
  recommended: { readonly pid: number; readonly action: SessionAction; readonly why: string } | undefined,
): readonly Choice<ChosenVictim>[] {
  const first = recommended && victims.find(({ pid }) => pid === recommended.pid);
  const rest = victims
    .slice(0, longestList)
    .flatMap((victim) => actionsOn(victim.state).map((action) => ({ victim, action })));
  return [
    ...(first ? [victimChoice(first, recommended.action, `recommended: ${recommended.why}`)] : []),
    ...rest
      .filter(({ victim, action }) => victim.pid !== recommended?.pid || action !== recommended.action)
      .map(({ victim, action }) => victimChoice(victim, action)),
  ];
}
