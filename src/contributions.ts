/** Every identifier that package.json declares, once. A test compares both. */
export const commands = {
  addConnection: 'dbOps.connection.add',
  editConnection: 'dbOps.connection.edit',
  removeConnection: 'dbOps.connection.remove',
  connect: 'dbOps.connection.connect',
  disconnect: 'dbOps.connection.disconnect',
  refresh: 'dbOps.connections.refresh',
  /** Of a finding or an alert; `dbOps.runbook.open.<id>` opens a certain one, see package.json. */
  openRunbook: 'dbOps.runbook.open',
  newRunbook: 'dbOps.runbook.new',
  openOwnRunbook: 'dbOps.runbook.openOwn',
  whatNow: 'dbOps.onCall.whatNow',
  exportIncident: 'dbOps.incident.export',
  cancelQuery: 'dbOps.session.cancel',
  terminateSession: 'dbOps.session.terminate',
  openSlowQueries: 'dbOps.slowQueries.open',
  openBloat: 'dbOps.bloat.open',
  lintMigrations: 'dbOps.migrations.lint',
  createUndoScript: 'dbOps.migration.createUndo',
  bindWorkspace: 'dbOps.workspace.bind',
  unbindWorkspace: 'dbOps.workspace.unbind',
  showFlywayConfiguration: 'dbOps.flyway.showConfiguration',
  openRule: 'dbOps.rule.open',
  applyFix: 'dbOps.migration.fix',
  copySql: 'dbOps.explain.copySql',
  openAlert: 'dbOps.alert.open',
  acknowledgeAlert: 'dbOps.alert.acknowledge',
  snoozeAlert: 'dbOps.alert.snooze',
  muteAlert: 'dbOps.alert.mute',
  unmuteAlert: 'dbOps.alert.unmute',
  startMaintenance: 'dbOps.maintenance.start',
  endMaintenance: 'dbOps.maintenance.end',
  refreshFleet: 'dbOps.fleet.refresh',
  addSource: 'dbOps.source.add',
  storeCredentials: 'dbOps.credentials.store',
  showLog: 'dbOps.log.show',
} as const;

export const views = { connections: 'dbOps.connections', alerts: 'dbOps.alerts', fleet: 'dbOps.fleet' } as const;

export const contextKeys = {
  hasConnections: 'dbOps.hasConnections',
  hasPrometheus: 'dbOps.hasPrometheus',
  workspaceBound: 'dbOps.workspaceBound',
} as const;

/** `contextValue`s of tree items, for the `when` clauses of menus. */
export const itemKinds = {
  connectionOnline: 'connection.online',
  connectionOffline: 'connection.offline',
  pool: 'pool',
  replication: 'replication',
  locks: 'locks',
  queries: 'queries',
  size: 'size',
  maintenance: 'maintenance',
  migrations: 'migrations',
  backups: 'backups',
  finding: 'finding',
  standby: 'standby',
  lockSession: 'lockSession',
  table: 'table',
  incident: 'incident',
  mutedIncident: 'incident.muted',
  pastIncident: 'incident.past',
  mutedAlert: 'mutedAlert',
} as const;

export const notebookType = 'dbOps.runbook';
/** Of the workspace's state: long work that was sent; missing where there is none. */
export const longWorkKey = 'longWork';
export const reportPanelType = 'dbOps.report';

/** Settings, all under `dbOps.`. */
export const settings = {
  section: 'dbOps',
  connections: 'connections',
  activityInterval: 'polling.activityIntervalSeconds',
  monitorInBackground: 'polling.inBackground',
  applications: 'applications',
  poolers: 'poolers',
  prometheus: 'prometheus',
  disks: 'disks',
  thresholds: 'thresholds',
  alertNotifications: 'alerts.notifications',
  alertRules: 'alerts.rules',
  alertMaintenance: 'alerts.maintenance',
  alertContacts: 'alerts.contacts',
  lintEnabled: 'lint.enabled',
  lintRequireReason: 'lint.requireReason',
  lintRules: 'lint.rules',
  lintScope: 'lint.scope',
  flywayLocations: 'flyway.locations',
} as const;
