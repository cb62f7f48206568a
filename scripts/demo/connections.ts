import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ConnectionProfile, Environment } from '../../src/core/connection/profile';
import type { Lab } from '../../test/lab/lab';
import type { LabServer } from '../../test/lab/server';
import { operatorRole, shopDatabase } from './shop-lab';

/** The settings of the demo. Passwords are in a password file of `folder`, as in libpq, never in a setting. */
export function demoSettings(lab: Lab, folder: string): Record<string, unknown> {
  const passfile = path.join(folder, 'pgpass');
  const { primary, standbys } = lab;
  const lines = [primary, ...standbys].map(({ host, port, password }) => `${host}:${port}:*:*:${password}`);
  writeFileSync(passfile, `${lines.join('\n')}\n`, { mode: 0o600 });
  const profile = (
    name: string,
    environment: Environment,
    { host, port }: Pick<LabServer, 'host' | 'port'>,
    user: string,
    readOnly = false,
  ): ConnectionProfile => {
    const target = { host, port, database: shopDatabase.database, user, passfile };
    return { id: `demo-${name}`, name, environment, readOnly, target };
  };
  const connections = [
    profile('shop-prod', 'production', primary, operatorRole),
    ...standbys.map((standby, at) => profile(`shop-standby${at + 1}`, 'production', standby, operatorRole, true)),
    profile('shop-limited', 'staging', primary, 'plain', true),
  ];
  return { ...quiet, 'dbOps.connections': connections };
}

/** What the editor itself would otherwise show to somebody who starts it for the first time. */
const quiet = {
  'workbench.startupEditor': 'readme',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'remote.autoForwardPorts': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
};
