// Starts a lab in a process of its own, says so, and waits to be ended. For lab-end.test.ts.
import { startLab } from '../../lab/lab';

startLab({ standbys: 1 }).then(
  async ({ primary, standbys }) => {
    const [who] = await primary.run<{ streaming: number }>(
      "SELECT count(*)::int AS streaming FROM pg_stat_replication WHERE state = 'streaming'",
    );
    console.log(JSON.stringify({ ready: true, pids: [primary.pid, standbys[0]?.pid], ...who }));
    setInterval(() => undefined, 1000);
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
