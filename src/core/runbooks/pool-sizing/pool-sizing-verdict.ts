import { evaluateSizing, sizingOf, sizingPart, type Sizing } from '../../pool/sizing';
import { termsOf, type KnownPools } from '../../pool/known-pools';
import type { Measure } from '../measures';
import type { Verdict } from '../verdict';
import type { SizedPools } from './pool-sizes';

export interface PoolSizingEvidence {
  /** Undefined: no application and no pooler is attached. */
  readonly known: KnownPools | undefined;
  /** Null: the server did not tell. */
  readonly usable: number | null;
  readonly sized: SizedPools;
  /** The highest number of sessions of the server that was kept, and over how many days; null: none. */
  readonly peak: { readonly sessions: number; readonly days: number } | null;
}

export type PoolSizingCause =
  'none-attached' | 'waiting' | 'leak' | 'over-rule' | 'unreadable' | 'too-large' | 'too-small' | 'too-young' | 'none';

type Found = Verdict<PoolSizingCause>;

export function sizingOfPools({ known, usable }: PoolSizingEvidence): Sizing | undefined {
  return known && sizingOf(termsOf(known), usable, known.others);
}

/** Whether the pools are well and of the right size; an incident comes before any review. */
export function poolSizingVerdict(evidence: PoolSizingEvidence): {
  readonly main: Found;
  readonly others: readonly Found[];
} {
  const { known } = evidence;
  if (!known) return { main: noneAttached, others: [] };
  const found = [...waiting(known), ...leaks(known), ...overRule(evidence), ...unreadable(known), ...sizes(evidence)];
  const [main, ...others] = found;
  return main ? { main, others } : { main: nothing(evidence), others: [] };
}

const noneAttached: Found = {
  cause: 'none-attached',
  headline: 'No application is attached to this connection: its pools are not known',
  lines: [
    "DB Ops: Add Metrics Source… takes the address of an application's Actuator or of its Prometheus text. Sessions by application stand in the Pool Exhaustion runbook, but what a pool MAY open only its application knows.",
  ],
  next: { step: 'why', words: 'Attach the applications, each with the number of its instances.' },
};

function waiting({ pools }: KnownPools): readonly Found[] {
  const full = pools.filter(({ pool }) => (pool?.pending ?? 0) > 0);
  if (full.length === 0) return [];
  return [
    {
      cause: 'waiting',
      headline: `Requests wait for a connection now: ${named(full)}`,
      lines: ['This is an incident and no review. A larger pool heals neither a leak nor a slow query nor a lock.'],
      next: { step: 'pools', words: 'Open the Pool Exhaustion runbook first.' },
    },
  ];
}

function leaks({ pools }: KnownPools): readonly Found[] {
  const leaking = pools.filter(({ past: { leak } }) => leak.kind === 'held' || leak.kind === 'rising');
  if (leaking.length === 0) return [];
  return [
    {
      cause: 'leak',
      headline: `Connections do not come back, it seems: ${named(leaking)}`,
      lines: [
        'A leak fills a pool of any size. leakDetectionThreshold (e.g. 20000 ms) logs where such a connection was taken.',
      ],
      next: { step: 'pools', words: 'Find the code that does not close its connection before any size is changed.' },
    },
  ];
}

function overRule(evidence: PoolSizingEvidence): readonly Found[] {
  const sizing = sizingOfPools(evidence);
  if (!sizing || sizing.usable === null || sizing.sum < sizingPart * sizing.usable) return [];
  const { summary, lines } = evaluateSizing(sizing);
  return [
    {
      cause: 'over-rule',
      headline: `All pools together may take ${summary}`,
      lines,
      next: { step: 'sizes', words: 'Make the pools smaller, as below; or lead them through a pooler.' },
    },
  ];
}

function unreadable({ pools }: KnownPools): readonly Found[] {
  const silent = pools.filter(({ pool }) => pool === undefined);
  if (silent.length === 0) return [];
  return [
    {
      cause: 'unreadable',
      headline: `Not readable now: ${silent.map(({ application }) => application.name).join(', ')}`,
      lines: ['What it may open is not known, so that the sum is at least what is shown.'],
      next: { step: 'pools', words: 'See in the tree why it cannot be read.' },
    },
  ];
}

function sizes({ sized }: PoolSizingEvidence): readonly Found[] {
  const label = ({ application, pool, max, advised }: SizedPools['sizes'][number]): string =>
    `${application} ${pool} from ${max ?? '?'} to ${advised ?? '?'}`;
  const differ = sized.sizes.filter(({ advised, max }) => advised !== null && max !== null && advised !== max);
  const larger = differ.filter(({ advised, max }) => (advised ?? 0) > (max ?? 0));
  const smaller = differ.filter(({ advised, max }) => (advised ?? 0) < (max ?? 0));
  const young = sized.sizes.filter(({ advised, peak, max }) => advised === null && peak !== null && max !== null);
  const found: Found[] = [];
  if (larger.length > 0)
    found.push({
      cause: 'too-small',
      headline: `Too small at the peak: ${larger.map(label).join(', ')}`,
      lines: ['Only if it was load: a pool that was full because of a leak, a slow query or a lock stays as it is.'],
      next: { step: 'sizes', words: 'Make it larger, within the rule.' },
    });
  if (smaller.length > 0)
    found.push({
      cause: 'too-large',
      headline: `Larger than their use: ${smaller.map(label).join(', ')}`,
      lines: ['Idle connections take slots, and memory of the server, from others.'],
      next: { step: 'sizes', words: 'Make them smaller with the next deployment.' },
    });
  if (young.length > 0 && found.length === 0)
    found.push({
      cause: 'too-young',
      headline: 'The pools keep the rule; for a review of their sizes too little of their use was kept',
      lines: young.map(({ application, pool, why }) => `${application} ${pool}: ${why}.`),
    });
  return found;
}

function nothing({ sized }: PoolSizingEvidence): Found {
  const unknown = sized.sizes.filter(({ advised }) => advised === null);
  return {
    cause: 'none',
    headline:
      unknown.length === 0
        ? 'The pools keep the rule and have the size of their use'
        : 'The pools keep the rule; whether they have the right size is not known',
    lines: unknown.map(({ application, pool, why }) => `${application} ${pool}: ${why}.`),
  };
}

function named(pools: KnownPools['pools']): string {
  return pools.map(({ application, pool }) => `${application.name} ${pool?.name ?? ''}`.trim()).join(', ');
}

/** The numbers that must be good after a review. */
export function poolSizingMeasures(evidence: PoolSizingEvidence): readonly Measure[] {
  const { known, usable } = evidence;
  if (!known) return [{ name: 'Applications attached', shown: null, good: null }];
  const sizing = sizingOfPools(evidence);
  const sum =
    sizing &&
    `${sizing.unknown.length > 0 ? 'at least ' : ''}${sizing.sum} of ${usable ?? 'an unknown number of'} usable slots`;
  const over = sizing !== undefined && usable !== null && sizing.sum >= sizingPart * usable;
  const count = (name: string, values: readonly (boolean | null)[]): Measure => {
    const bad = values.filter((value) => value === true).length;
    const unknown = values.includes(null);
    return { name, shown: unknown && bad === 0 ? null : String(bad), good: bad > 0 ? false : unknown ? null : true };
  };
  return [
    {
      name: 'Pools together, maximum × instances',
      shown: sum ?? null,
      good: over ? false : usable === null || (sizing?.unknown.length ?? 1) > 0 ? null : true,
    },
    count(
      'Pools whose requests wait',
      known.pools.map(({ pool }) => (typeof pool?.pending === 'number' ? pool.pending > 0 : null)),
    ),
    count(
      'Pools with time-outs lately',
      known.pools.map(({ past }) => (past.recentTimeouts === null ? null : past.recentTimeouts > 0)),
    ),
    {
      name: 'Pools that seem to leak',
      shown: String(
        leaks(known).length === 0
          ? 0
          : known.pools.filter(({ past }) => past.leak.kind === 'held' || past.leak.kind === 'rising').length,
      ),
      good: leaks(known).length === 0,
    },
  ];
}
