import { openWorkbench, type Workbench } from '../browser/workbench';
import { lockChain, serverKilled, standbyStopped, type Fault } from '../lab/faults';
import { labPassword, startLab, type Lab } from '../lab/lab';
import type { LabServer } from '../lab/server';
import { extensionHostOf, residentMiB } from './extension-host';
import type { Measurement } from './measurement';

/** The default poll interval and the second that design allows beside it, in ms. */
const faultBudgetMs = 6000;

/** The workbench as a person has it: activation, how soon a fault is seen, memory. */
export async function measureInWorkbench(): Promise<Measurement[]> {
  const lab = await startLab({ standbys: 1 });
  const env = { PGPASSWORD: labPassword };
  const workbench = await openWorkbench({ env });
  try {
    await workbench.openContainer();
    const activation = await activationMs(workbench);
    const memory = await measureMemory(workbench, lab);
    const faults = await measureFaults(workbench, lab);
    return [activation, ...faults, ...memory];
  } finally {
    await workbench.close();
    await lab.stop();
  }
}

/** What VS Code itself says in "Show Running Extensions". */
async function activationMs(workbench: Workbench): Promise<Measurement> {
  await workbench.runCommand('Developer: Show Running Extensions');
  const row = workbench.page.locator('.runtime-extensions-editor .extension', { hasText: 'DB Ops Panel' });
  const time = await row.locator('.activation-time').innerText();
  await workbench.page.keyboard.press('Control+F4');
  const found = /(\d+)\s*ms/.exec(time);
  return {
    what: 'Activation',
    value: found ? Number(found[1]) : undefined,
    unit: 'ms',
    budget: 50,
    note: `VS Code: "${time.trim()}"`,
  };
}

function entries(server: LabServer, count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `bench-${index}`,
    name: `bench ${index}`,
    environment: 'development',
    readOnly: true,
    target: { host: server.host, port: server.port, database: 'postgres', user: 'monitor' },
  }));
}

async function measureMemory(workbench: Workbench, lab: Lab): Promise<Measurement[]> {
  const host = extensionHostOf(workbench.serverPid);
  const idle = await settled(workbench, host);
  const measured: Measurement[] = [
    { what: 'Extension host, no connection', value: idle, unit: 'MiB', note: 'resident, all of VS Code’s extensions' },
  ];
  for (const count of [1, 50]) {
    await workbench.configure({ 'dbOps.connections': entries(lab.primary, count) });
    await workbench
      .row(`bench ${count - 1}`)
      .first()
      .waitFor();
    await lab.primary.run('SELECT 1');
    const more = (await settled(workbench, host)) - idle;
    measured.push({
      what: `Extension host, ${count} connection${count > 1 ? 's' : ''}`,
      value: more,
      unit: 'MiB',
      ...(count > 1 && { budget: 40 }),
      note: `over idle; ${await sessionsOf(lab.primary)} sessions open`,
    });
  }
  await workbench.configure({ 'dbOps.connections': entries(lab.primary, 1) });
  return measured;
}

async function sessionsOf(server: LabServer): Promise<number> {
  const [row] = await server.run<{ n: number }>(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'db-ops-panel'",
  );
  return row?.n ?? 0;
}

/** Memory once three polls have gone by, the least of a few looks: garbage comes and goes. */
async function settled(workbench: Workbench, pid: number): Promise<number> {
  await workbench.page.waitForTimeout(15_000);
  const looks: number[] = [];
  for (let look = 0; look < 10; look++) {
    looks.push(residentMiB(pid));
    await workbench.page.waitForTimeout(500);
  }
  return Math.min(...looks);
}

async function measureFaults(workbench: Workbench, lab: Lab): Promise<Measurement[]> {
  const [standby] = lab.standbys;
  if (!standby) throw new Error('The lab has no standby.');
  await workbench
    .row(/bench 0/)
    .first()
    .waitFor();
  const faults: [string, RegExp, () => Promise<Fault>][] = [
    ['lock chain', /waiting|blocked/i, () => lockChain(lab.primary)],
    ['standby lost', /disconnected/i, () => standbyStopped(standby)],
    ['server down', /unreachable/i, () => serverKilled(lab.primary)],
  ];
  const measured: Measurement[] = [];
  for (const [name, label, begin] of faults) {
    const fault = await begin();
    const began = performance.now();
    const seen = await workbench
      .row(label)
      .first()
      .waitFor({ timeout: 30_000 })
      .then(() => performance.now() - began)
      .catch(() => undefined);
    measured.push({
      what: `Fault to tree: ${name}`,
      value: seen,
      unit: 'ms',
      budget: faultBudgetMs,
      note:
        seen === undefined
          ? `no row matched ${String(label)}; rows: ${(await workbench.rowLabels()).join(' | ')}`
          : 'poll of 5 s, to the DOM',
    });
    await fault.heal();
  }
  return measured;
}
