import type { Parameter, ParameterValue, ParameterValues } from '../parameter';

const id = 'target';
const minute = 60_000;

/** What a person types: a time with its offset, since without one it is read in the zone of the server. */
const form = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::(\d\d(?:\.\d{1,6})?))?\s*(Z|[+-]\d\d(?::?\d\d)?)$/i;

/** In ms since the epoch; undefined for what is no time with an offset. */
export function parseTarget(typed: string): number | undefined {
  const found = form.exec(typed.trim());
  if (!found) return undefined;
  const [, day = '', time = '', seconds = '00', zone = ''] = found;
  const digits = zone.replace(/[^\d]/g, '');
  const offset = /^z$/i.test(zone) ? 'Z' : `${zone.charAt(0)}${digits.slice(0, 2)}:${digits.slice(2) || '00'}`;
  const at = Date.parse(`${day}T${time}:${seconds}${offset}`);
  return Number.isNaN(at) ? undefined : at;
}

/** As recovery_target_time takes it: in UTC, with its offset. */
export function targetText(at: number): string {
  return `${new Date(at).toISOString().replace('T', ' ').replace('Z', '')}+00`;
}

const valueOf = (at: number): ParameterValue => ({ value: String(at), label: targetText(at) });

/** The time to go back to. Asked from the palette only: an alert leads to the evidence first. */
export const targetTime: Parameter = {
  id,
  title: 'Time to go back to',
  asked: 'from-palette',
  placeholder: 'For the settings of a restore; nothing is restored here',
  choices: () => {
    const now = Date.now();
    const before = (label: string, minutes: number): { label: string; description: string; value: ParameterValue } => ({
      label,
      description: targetText(now - minutes * minute),
      value: valueOf(now - minutes * minute),
    });
    return Promise.resolve([
      { label: 'No restore now', description: 'only look at archive and backups', value: { value: '', label: 'none' } },
      before('15 minutes ago', 15),
      before('1 hour ago', 60),
      before('1 day ago', 1440),
    ]);
  },
  own: {
    label: 'Another time…',
    request: {
      title: 'Time to go back to',
      prompt: 'With its offset from UTC: without one it would be read in the zone of the server',
      placeholder: '2026-02-09 14:30:00+01',
      validate: (typed) => {
        const at = parseTarget(typed);
        if (at === undefined) return 'A time with its offset, like 2026-02-09 14:30:00+01.';
        return at > Date.now() ? 'It is in the future.' : undefined;
      },
    },
    read: (typed) => valueOf(parseTarget(typed) ?? 0),
  },
};

/** In ms since the epoch; null where none was said. */
export function targetOf(parameters: ParameterValues): number | null {
  const at = Number(parameters[id]?.value ?? '');
  return Number.isFinite(at) && at > 0 ? at : null;
}
