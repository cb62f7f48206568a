import { formatCount } from '../../format/quantities';
import type { LockSession, LockState } from '../../health/blocking';
import type { Choice, Prompts } from '../../ports/prompts';
import { applicationName } from '../action-text';
import { lockVerdict } from './lock-verdict';
import { shorten } from '../markdown';
import { freeze, type SessionAction, type Victim } from '../session-actions';

export interface ChosenVictim {
  readonly victim: Victim;
  readonly action: SessionAction;
}

/** Longer lists are not read by anyone; those that hold up most come first. */
const longestList = 100;

/** Asks which session is to be signalled, and how. The list is frozen: what is chosen is acted on, or nothing. */
export async function chooseVictim(
  state: LockState,
  prompts: Prompts,
  name: string,
): Promise<ChosenVictim | undefined> {
  return prompts.pick(
    `Lock Contention on ${name}`,
    victimChoices(state),
    'Which session? Who it is will be checked again, and the next question shows the exact statement',
  );
}

/** The recommended step first, then every session that holds up others; prepared transactions have no session. */
export function victimChoices(state: LockState): readonly Choice<ChosenVictim>[] {
  const { recommended } = lockVerdict(state);
  const first = recommended && state.sessions.get(recommended.pid);
  const others = [...state.sessions.values()]
    .filter((session) => session.blocks.length > 0 && session.pid !== 0)
    .sort((a, b) => b.holdsUp - a.holdsUp || a.pid - b.pid)
    .slice(0, longestList);
  const rest = others.flatMap((session) => actionsOn(session).map((action) => ({ session, action })));
  return [
    ...(first ? [choice(first, recommended.action, `recommended: ${recommended.why}`)] : []),
    ...rest
      .filter(({ session, action }) => session.pid !== recommended?.pid || action !== recommended.action)
      .map(({ session, action }) => choice(session, action)),
  ];
}

/** A cancel does nothing where no statement runs. */
function actionsOn(session: LockSession): readonly SessionAction[] {
  return session.state?.startsWith('idle') === true ? ['terminate'] : ['cancel', 'terminate'];
}

function choice(session: LockSession, action: SessionAction, note?: string): Choice<ChosenVictim> {
  const parts = [
    applicationName(session.application),
    session.user ?? 'role hidden',
    session.state ?? 'state hidden',
    `holds up ${formatCount(session.holdsUp, 'session')}`,
  ];
  const query = (session.query ?? '').replace(/\s+/g, ' ').trim();
  const detail = [...(note === undefined ? [] : [note]), ...(query === '' ? [] : [shorten(query, 120)])].join(' · ');
  return {
    label: `${action === 'cancel' ? 'Cancel query of' : 'Terminate'} ${session.pid}`,
    description: parts.join(' · '),
    ...(detail === '' ? {} : { detail }),
    value: { victim: freeze(session), action },
  };
}
