import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openWorkbench, type Workbench } from '../browser/workbench';
import { lockChain, serverKilled, standbyStopped, until, type Fault } from '../lab/faults';
import { labPassword, startLab, type Lab } from '../lab/lab';
import type { LabServer } from '../lab/server';
import { extensionHostOf, residentMiB } from './extension-host';
import { measureLastKey } from './last-key';
import type { Measurement } from './measurement';

/** The default poll interval and the second that design allows beside it, in ms. */
const faultBudgetMs = 6000;

/** So tall that every running extension and every row of the tree is drawn: lists draw what is seen. */
const tall = { width: 1280, height: 3000 };

/** The workbench as a person has it: activation, how soon a fault is seen, memory. */
export async function measureInWorkbench(): Promise<Measurement[]> {
  const atRest = await measureActivation();
  const lastKey = await measureLastKey();
  const lab = await startLab({ standbys: 1 });
  const env = { PGPASSWORD: labPassword };
  const workbench = await openWorkbench({ env, size: tall });
  try {
    await workbench.openContainer();
    const atStart = await activationOf(workbench, 'Activation, at the start of VS Code');
    const memory = await measureMemory(workbench, lab);
    const faults = await measureFaults(workbench, lab);
    return [...atRest, atStart, lastKey, ...faults, ...memory];
  } finally {
    await workbench.close();
    await lab.stop();
  }
}

/**
 * What VS Code itself says in "Show Running Extensions": loading and `activate`. At its start the host is busy with
 * everything else too, and so the activation that has a budget is one in a host at rest, when the view is opened.
 */
async function measureActivation(): Promise<Measurement[]> {
  const atRest = await openWorkbench({ beforeStart: withoutStartup, size: tall });
  try {
    await atRest.page.waitForTimeout(10_000);
    await atRest.openContainer();
    await atRest.page.waitForTimeout(1000);
    return [await activationOf(atRest, 'Activation, host at rest', { budget: 50 })];
  } finally {
    await atRest.close();
  }
}

function withoutStartup(extensionFolder: string): void {
  const file = path.join(extensionFolder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify({ ...manifest, activationEvents: [] }));
}

async function activationOf(workbench: Workbench, what: string, budget: object = {}): Promise<Measurement> {
  await workbench.runCommand('Developer: Show Running Extensions');
  const row = workbench.page.locator('.runtime-extensions-editor .extension', { hasText: 'DB Ops Panel' });
  const time = await row.locator('.activation-time').innerText();
  await workbench.page.keyboard.press('Control+F4');
  const found = /(\d+)\s*ms/.exec(time);
  return {
    what,
    value: found ? Number(found[1]) : undefined,
    unit: 'ms',
    note: `VS Code: "${time.trim()}"`,
    ...budget,
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
    await until(`${count} sessions`, async () => (await sessionsOf(lab.primary)) === count, 60_000);
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
