import type { ServerSnapshot } from '../../monitor/snapshot';
import type { Layer } from './pool-verdict';

/** The pools before the server, out of what the monitor last read of them. */
export function layersOf(snapshot: ServerSnapshot): readonly Layer[] {
  return snapshot.signals
    .filter(({ about }) => about.id === 'hikari' || about.id === 'pgbouncer')
    .flatMap(({ about, findings, stale, problem }) =>
      findings.map((finding): Layer => {
        const known = !stale && problem === null && finding.severity !== 'unknown';
        return {
          kind: about.id === 'hikari' ? 'application' : 'pooler',
          words: finding.words,
          lent: known && about.id === 'hikari' ? finding.value : null,
          full: known ? finding.severity === 'critical' || finding.severity === 'warning' : null,
        };
      }),
    );
}

/** The lines of the sizing rule, where the pools of this connection are known. */
export function sizingLines(snapshot: ServerSnapshot): readonly string[] {
  const sizing = snapshot.signals.find(({ about }) => about.id === 'hikari-sizing');
  return sizing?.findings.flatMap(({ lines }) => lines) ?? [];
}
