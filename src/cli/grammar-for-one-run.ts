import { setFlagsFromString } from 'node:v8';
import { loadGrammar, type Grammar } from '../core/sql/grammar';

/** The last version of Node.js that is known to have the flags below. */
const newest = 24;

/**
 * The grammar for a process that ends when its scripts are read. V8 would compile what is called often a second time, and
 * take more processor time for that than 2,000 scripts take without it: half of the time for the largest functions of the
 * grammar (and 500 MB), a third for ours, of which only the busiest are worth it. The
 * flags hold for the whole process, so that the editor, where others run beside us, leaves them alone.
 */
export function grammarForOneRun(): Promise<Grammar> {
  // V8 complains about a flag that it does not know any more.
  if (Number.parseInt(process.versions.node) > newest) return loadGrammar();
  setFlagsFromString('--no-wasm-tier-up');
  setFlagsFromString('--no-wasm-dynamic-tiering');
  // Bytes of bytecode that a function runs before it is compiled again; V8's own value is 132 KiB.
  setFlagsFromString('--interrupt-budget=600000');
  return loadGrammar();
}
