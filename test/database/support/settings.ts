import type { Limits } from '../../../src/core/health/check-run';
import { defaultThresholds } from '../../../src/core/health/thresholds';
import type { MonitorSettings } from '../../../src/core/monitor/monitor-settings';
import { Emitter } from '../../../src/core/ports/emitter';

export const standardLimits: Limits = (_, standard) => standard;

/** Settings of a monitor with the product's own thresholds, but for what a test gives. */
export function settingsOf(given: Partial<MonitorSettings> = {}): MonitorSettings {
  return {
    intervalMs: 500,
    inBackground: true,
    thresholds: () => defaultThresholds,
    limits: () => standardLimits,
    onDidChange: new Emitter<void>().event,
    onDidChangeThresholds: new Emitter<void>().event,
    ...given,
  };
}
