import type { DiskState } from '../health/disk';
import type { InstantVector, VectorSample } from './instant-vector';
import type { MetricMapping } from './metric-mapping';

/** The file system of each connection, by matchers of its series: `instance="db1:9100",mountpoint="/data"`. */
export type DiskMatchers = Readonly<Record<string, string>>;

/** The label that says whose file system a series is. */
const ownerLabel = 'dbops_connection';
/** File systems that one query asks for: its address stays short. */
const askedAtOnce = 15;

/** One query for so many connections; each answer carries whose it is. */
export function diskQueries(disks: DiskMatchers, mapping: MetricMapping): readonly string[] {
  const names = [...mapping.diskBytes, ...mapping.diskAvailableBytes].join('|');
  const terms = Object.entries(disks).map(
    ([id, matchers]) =>
      `label_replace({__name__=~"${names}",${matchers}}, "${ownerLabel}", ${JSON.stringify(id.replaceAll('$', '$$$$'))}, "", "")`,
  );
  const chunks = Array.from({ length: Math.ceil(terms.length / askedAtOnce) }, (_, index) =>
    terms.slice(index * askedAtOnce, (index + 1) * askedAtOnce),
  );
  return chunks.map((chunk) => chunk.join(' or '));
}

/** What the answers tell. Of several file systems that fit, the fullest counts; one without both numbers tells nothing. */
export function readDiskAnswers(
  answers: readonly InstantVector[],
  mapping: MetricMapping,
): ReadonlyMap<string, DiskState> {
  const sizes = new Map<string, { owner: string; size?: number; free?: number; place: string }>();
  for (const sample of answers.flatMap(({ samples }) => samples)) {
    const owner = sample.labels.get(ownerLabel);
    if (owner === undefined || !Number.isFinite(sample.value) || sample.value < 0) continue;
    const key = keyOf(sample);
    const known = sizes.get(key) ?? { owner, place: sample.labels.get('mountpoint') ?? 'file system' };
    sizes.set(key, known);
    if (mapping.diskBytes.includes(sample.name)) known.size ??= sample.value;
    else known.free ??= sample.value;
  }
  const disks = new Map<string, DiskState>();
  for (const { owner, size, free, place } of sizes.values()) {
    if (size === undefined || free === undefined || size <= 0) continue;
    const usedBytes = Math.max(0, size - free);
    const before = disks.get(owner);
    if (before && (before.usedBytes ?? 0) / before.capacityBytes >= usedBytes / size) continue;
    disks.set(owner, {
      subject: place,
      capacityBytes: size,
      usedBytes,
      counted: [`The file system ${place}, as Prometheus reports it; what is reserved for root counts as used.`],
    });
  }
  return disks;
}

function keyOf({ labels }: VectorSample): string {
  return JSON.stringify([...labels].sort(([a], [b]) => a.localeCompare(b)));
}
