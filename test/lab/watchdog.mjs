// Outlives the process that started it and cleans up behind it, however that ended: a kill -9 closes the pipe as well
// as a polite exit does. Standard input names the processes to end, `+pid` when one starts and `-pid` when it is over.
// Plain JavaScript: it is started by its path, by any Node.
import { existsSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [folder] = process.argv.slice(2);
const pids = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
process.stdin.on('error', () => void cleanUp());
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  if (line.startsWith('+')) pids.add(Number(line));
  else pids.delete(-Number(line));
});
lines.on('close', () => void cleanUp());

async function cleanUp() {
  // PostgreSQL's immediate shutdown; initdb removes what it began.
  for (const pid of pids) send(pid, 'SIGQUIT');
  await until(() => ![...pids].some((pid) => send(pid, 0)), 5000);
  for (const pid of pids) send(-pid, 'SIGKILL');
  // A process that is still ending may write once more.
  await until(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    return !existsSync(folder);
  }, 10_000);
  process.exit(0);
}

async function until(condition, limitMs) {
  const deadline = Date.now() + limitMs;
  for (;;) {
    try {
      if (condition()) return;
    } catch {
      // Not yet.
    }
    if (Date.now() > deadline) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function send(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
