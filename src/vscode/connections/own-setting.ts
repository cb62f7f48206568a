import * as vscode from 'vscode';
import { withConnectionIds, type ResolvedNames } from '../../core/connection/connection-names';
import type { ProfileStore } from '../../core/ports/connections';
import { settings } from '../../contributions';

/**
 * The person's own value of a setting that names connections, with their ids. The workspace's value does not count: it must
 * not make the editor ask addresses or keep quiet.
 */
export function ownSetting(key: string, profiles: ProfileStore): ResolvedNames {
  const own: unknown = vscode.workspace.getConfiguration(settings.section).inspect(key)?.globalValue;
  return withConnectionIds(`${settings.section}.${key}`, own, profiles.list());
}
