// Outlives the process that runs a lab and cleans up behind it, however it ended: a kill -9 closes the pipe as well as
// a polite exit does. Plain JavaScript: it is started by its path, by any Node.
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

const [folder] = process.argv.slice(2);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
process.stdin.resume();
process.stdin.on('end', () => void cleanUp());
process.stdin.on('error', () => void cleanUp());

async function cleanUp() {
  const pids = postmasters();
  for (const pid of pids) send(pid, 'SIGQUIT');
  const deadline = Date.now() + 5000;
  while (Date.now() < deadline && pids.some((pid) => send(pid, 0)))
    await new Promise((resolve) => setTimeout(resolve, 50));
  for (const pid of pids) send(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  process.exit(0);
}

/** The first line of `postmaster.pid` in each data directory of the lab. */
function postmasters() {
  const pids = [];
  for (const name of safely(() => readdirSync(folder)) ?? []) {
    const first = safely(() => readFileSync(path.join(folder, name, 'postmaster.pid'), 'utf8'))?.split('\n')[0];
    if (first && Number(first) > 1) pids.push(Number(first));
  }
  return pids;
}

function send(pid, signal) {
  return safely(() => process.kill(pid, signal)) ?? false;
}

function safely(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
