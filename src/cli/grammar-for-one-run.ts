import { setFlagsFromString } from 'node:v8';
import { loadGrammar, type Grammar } from '../core/sql/grammar';

/** The versions of Node.js that are known to have a flag: V8 complains about one that it does not know. */
const lastWithTiering = 24;
const lastWithBudget = 21;

/**
 * The grammar for a process that ends when its scripts are read. V8 would compile what is called often a second time: the
 * largest functions of the grammar with 500 MB and half of the processor time that 2,000 scripts take, ours with a third of
 * it, where a run has to be minutes long for that to pay. The flags hold for the whole process, so that the editor, where
 * others run beside us, leaves them alone.
 */
export function grammarForOneRun(): Promise<Grammar> {
  const version = Number.parseInt(process.versions.node);
  if (version <= lastWithTiering) {
    setFlagsFromString('--no-wasm-tier-up');
    setFlagsFromString('--no-wasm-dynamic-tiering');
  }
  // How much bytecode a function runs before it is compiled again; V8's own value is 132 KiB, and it waits by itself later on.
  if (version <= lastWithBudget) setFlagsFromString('--interrupt-budget=600000');
  return loadGrammar();
}
