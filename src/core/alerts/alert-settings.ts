import type { Event } from '../ports/emitter';
import type { PolicyOverride } from './alert-policy';
import type { AlertSeverity } from './alert-state';
import type { Contacts } from './escalation';
import type { MaintenanceWindow } from './maintenance';

/** What a person may set about alerts; read anew each time. */
export interface AlertSettings {
  readonly overrides: readonly PolicyOverride[];
  /** From which severity on a message is shown; `off` leaves it to the view and the badge. */
  readonly notifyFrom: AlertSeverity | 'off';
  readonly maintenance: readonly MaintenanceWindow[];
  readonly contacts: Contacts;
  readonly onDidChange: Event<void>;
}
