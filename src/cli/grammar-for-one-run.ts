import { setFlagsFromString } from 'node:v8';
import { loadGrammar, type Grammar } from '../core/sql/grammar';

/**
 * The grammar for a process that ends when its scripts are read. V8 would compile its largest functions a second time, with
 * 500 MB and half of the processor time that 2,000 scripts take; a run has to be minutes long for that to pay. The flags hold
 * for the whole process, so that the editor, where others run beside us, leaves them alone.
 */
export function grammarForOneRun(): Promise<Grammar> {
  setFlagsFromString('--no-wasm-tier-up');
  setFlagsFromString('--no-wasm-dynamic-tiering');
  return loadGrammar();
}
