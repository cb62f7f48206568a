import { parentPort } from 'node:worker_threads';
import { parseTables } from './core/reports/tables/parse-tables';

/** Entry of the worker thread that reads the tables of statements: `ready` first, then one answer for each text, in order. */
parentPort?.on('message', (statement: string) => parentPort?.postMessage(parseTables(statement)));
parentPort?.postMessage('ready');
