/** VS Code drops the files of one message to the window that come after some 1,100 diagnostics, and says nothing. */
const mostInOne = 1000;

/** The files and their diagnostics in as few messages as carry all of them. */
export function inBatches<Place, Diagnostic>(
  files: readonly (readonly [Place, readonly Diagnostic[]])[],
  most = mostInOne,
): [Place, readonly Diagnostic[]][][] {
  const batches: [Place, readonly Diagnostic[]][][] = [];
  let room = 0;
  for (const [place, diagnostics] of files) {
    let batch = batches.at(-1);
    if (!batch || diagnostics.length > room) {
      batch = [];
      batches.push(batch);
      room = most;
    }
    batch.push([place, diagnostics]);
    room -= diagnostics.length;
  }
  return batches;
}
