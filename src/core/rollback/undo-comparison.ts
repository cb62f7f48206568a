import type { Grammar } from '../sql/grammar';
import { Catalog, type Change } from './catalog/catalog';
import type { RunScript } from './catalog/run-script';
import { compareUndo } from './compare-undo';
import type { Discrepancy } from './discrepancy';

/** A V script and its U script. The keys stay the same objects as long as the scripts are the same. */
export interface ScriptPair {
  readonly versioned: object;
  readonly undo: object | undefined;
  readonly run: (script: 'versioned' | 'undo') => RunScript | undefined;
}

interface Compared {
  readonly pair: ScriptPair;
  /** Where the catalog stood before the V script. */
  readonly mark: number;
  readonly found: readonly Discrepancy[];
}

/** Compares all pairs of a project in their order. Of a later run, only what comes behind the first change is run again. */
export class UndoComparison {
  private readonly catalog = new Catalog();
  private compared: Compared[] = [];

  constructor(private readonly grammar: Grammar) {}

  /** What was found for each pair, in the order of the pairs. Behind the last U script there is nothing to compare. */
  compare(all: readonly ScriptPair[]): (readonly Discrepancy[])[] {
    const pairs = all.slice(0, all.findLastIndex(({ undo }) => undo !== undefined) + 1);
    this.runAgain(pairs);
    return all.map((_, index) => this.compared[index]?.found ?? []);
  }

  private runAgain(pairs: readonly ScriptPair[]): void {
    const first = pairs.findIndex(
      (pair, index) =>
        this.compared[index]?.pair.versioned !== pair.versioned || this.compared[index].pair.undo !== pair.undo,
    );
    const from = first === -1 ? pairs.length : first;
    const onlyUndo =
      pairs.length === this.compared.length &&
      pairs.every((pair, index) => pair.versioned === this.compared[index]?.pair.versioned);
    if (onlyUndo) {
      for (const [index, pair] of pairs.entries())
        if (pair.undo !== this.compared[index]?.pair.undo) this.again(index, pair);
      return;
    }
    const mark = this.compared[from]?.mark;
    if (mark !== undefined) this.catalog.rewind(mark);
    this.compared = this.compared.slice(0, from);
    for (const pair of pairs.slice(from)) this.compared.push(this.run(pair));
  }

  private run(pair: ScriptPair): Compared {
    const mark = this.catalog.mark;
    const versioned = pair.run('versioned');
    const found = versioned ? compareUndo(this.catalog, versioned, pair.run('undo'), this.grammar) : [];
    return { pair, mark, found };
  }

  /** Another U script to a V script that is the same: what comes behind it stays as it is. */
  private again(index: number, pair: ScriptPair): void {
    const mark = this.compared[index]?.mark ?? 0;
    const behind: readonly Change[] = this.catalog.rewind(mark);
    const compared = this.run(pair);
    this.catalog.rewind(mark);
    this.catalog.redo(behind);
    this.compared[index] = compared;
  }
}
