import { SourceError, type SourceErrorReason } from '../../core/ports/source-error';

const reasons: Readonly<Record<string, readonly [SourceErrorReason, string, string]>> = {
  ECONNREFUSED: ['connection-refused', 'refuses the connection', 'Is the application running, and is the port right?'],
  ENOTFOUND: ['unknown-host', 'has a host name that is not known', 'Check the name, or the VPN that it needs.'],
  EAI_AGAIN: ['unknown-host', 'has a host name that could not be looked up', 'The name service does not answer.'],
  EHOSTUNREACH: ['network', 'cannot be reached', 'Check the network or the VPN.'],
  ENETUNREACH: ['network', 'cannot be reached', 'Check the network or the VPN.'],
  ECONNRESET: ['network', 'closed the connection', 'It restarts, or a proxy stands between.'],
};

/** Turns what `fetch` throws into a SourceError. Decides by codes alone; its messages say nothing. */
export function networkError(error: unknown, place: string): SourceError {
  const code = codeOf(error) ?? '';
  const known = reasons[code];
  if (known) return new SourceError(known[0], `${place} ${known[1]}.`, known[2], { cause: error });
  if (/CERT|TLS|SSL|SIGNATURE/.test(code)) {
    return new SourceError(
      'tls',
      `${place} has a certificate that is not trusted (${code}).`,
      "Add the authority to this machine's trusted ones.",
      { cause: error },
    );
  }
  const shown = code === '' ? '' : ` (${code})`;
  return new SourceError('network', `${place} gave no HTTP answer${shown}.`, 'Check the address and its port.', {
    cause: error,
  });
}

/** `fetch` wraps the cause once or twice. */
function codeOf(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return undefined;
}
