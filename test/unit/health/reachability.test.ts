import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Reachability } from '../../../src/core/health/reachability';

describe('who reaches whom', () => {
  it('agrees with a walk along the edges, whatever the graph', () => {
    const node = fc.integer({ min: 0, max: 39 });
    fc.assert(
      fc.property(fc.array(fc.tuple(node, node), { maxLength: 80 }), (pairs) => {
        const nodes = Array.from({ length: 40 }, (_, index) => 1000 + index);
        const edges = (from: number): number[] =>
          pairs.filter(([start]) => start + 1000 === from).map(([, end]) => end + 1000);
        const reach = new Reachability(nodes, edges);
        for (const from of nodes) {
          const walked = new Set<number>();
          for (const todo = edges(from); todo.length > 0;) {
            const next = todo.pop() ?? 0;
            if (walked.has(next)) continue;
            walked.add(next);
            todo.push(...edges(next));
          }
          assert.deepEqual(
            nodes.filter((to) => reach.reaches(from, to)),
            nodes.filter((to) => walked.has(to)),
          );
          walked.delete(from);
          assert.equal(reach.count(from), walked.size);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('leaves out who is no node', () => {
    const reach = new Reachability([1, 2], (from) => (from === 1 ? [2, 7] : []));
    assert.deepEqual([reach.count(1), reach.count(7), reach.reaches(1, 7)], [1, 0, false]);
  });
});
