/**
 * Who reaches whom in a directed graph that may have cycles. Rows of bits, since a queue of 500 sessions has more than
 * 100,000 edges and is looked at every few seconds.
 */
export class Reachability {
  private readonly index: ReadonlyMap<number, number>;
  private readonly rows: readonly Uint32Array[];

  /** `edges` leads from a node to its direct successors; successors that are no nodes are left out. */
  constructor(nodes: readonly number[], edges: (node: number) => Iterable<number>) {
    const index = new Map(nodes.map((node, at) => [node, at]));
    const words = Math.ceil(nodes.length / 32);
    const next = nodes.map((node) => [...edges(node)].map((to) => index.get(to)).filter((to) => to !== undefined));
    const rows = nodes.map(() => new Uint32Array(words));
    this.index = index;
    this.rows = rows;
    const order = postOrder(next);
    // In post-order the rows of an acyclic graph are complete after one round; a cycle needs some more.
    for (let changed = true; changed;) {
      changed = false;
      for (const at of order) {
        for (const to of next[at] ?? []) changed = join(rows[at], rows[to], to) || changed;
      }
    }
  }

  /** A path of at least one edge leads from one to the other; from a node to itself only in a cycle. */
  reaches(from: number, to: number): boolean {
    const bit = this.index.get(to);
    const row = this.rows[this.index.get(from) ?? -1];
    return bit !== undefined && row !== undefined && hasBit(row, bit);
  }

  /** How many others a node reaches, itself not counted. */
  count(from: number): number {
    const at = this.index.get(from) ?? -1;
    const row = this.rows[at];
    if (!row) return 0;
    let result = hasBit(row, at) ? -1 : 0;
    for (let word of row) for (; word !== 0; word &= word - 1) result++;
    return result;
  }
}

function hasBit(row: Uint32Array, bit: number): boolean {
  return (((row[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
}

/** Adds the node `bit` and all it reaches; true when that was news. */
function join(row: Uint32Array | undefined, other: Uint32Array | undefined, bit: number): boolean {
  if (!row || !other) return false;
  let changed = false;
  for (let word = 0; word < row.length; word++) {
    const before = row[word] ?? 0;
    const after = (before | (other[word] ?? 0) | (word === bit >>> 5 ? 1 << (bit & 31) : 0)) >>> 0;
    if (after === before) continue;
    row[word] = after;
    changed = true;
  }
  return changed;
}

/** The nodes with those they lead to before them, as far as there are no cycles. */
function postOrder(next: readonly (readonly number[])[]): number[] {
  const order: number[] = [];
  const entered = new Set<number>();
  for (let start = 0; start < next.length; start++) {
    if (entered.has(start)) continue;
    entered.add(start);
    const path = [{ at: start, child: 0 }];
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const to = next[top.at]?.[top.child++];
      if (to === undefined) {
        order.push(top.at);
        path.pop();
      } else if (!entered.has(to)) {
        entered.add(to);
        path.push({ at: to, child: 0 });
      }
    }
  }
  return order;
}
