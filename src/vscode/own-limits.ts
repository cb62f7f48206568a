import * as vscode from 'vscode';
import type { ProfileStore } from '../core/ports/connections';
import { settings } from '../contributions';
import { ownSetting } from './connections/own-setting';
import { OwnLimits, readLimits } from '../core/health/own-limits';

const told = new Set<string>();

/** The thresholds of the settings. What cannot be used is told once, and does not count. */
export function ownLimitsOf(profiles: ProfileStore): OwnLimits {
  const own = ownSetting(settings.thresholds, profiles);
  const { overrides, problems } = readLimits(own.value);
  for (const problem of [...own.problems, ...problems]) {
    if (told.has(problem)) continue;
    told.add(problem);
    void vscode.window.showWarningMessage(problem);
  }
  return new OwnLimits(overrides);
}
