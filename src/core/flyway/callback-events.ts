/** The ids of Flyway's callbacks, of all its versions: a file named after one is a callback, not a migration. */
export const callbackEvents: readonly string[] = [
  ...['', 'EachMigrate', 'EachMigrateStatement', 'EachUndo', 'EachUndoStatement'].flatMap((part) =>
    part === '' ? [] : [`before${part}`, `after${part}`, `after${part}Error`],
  ),
  ...['Clean', 'Migrate', 'Undo', 'Validate', 'Baseline', 'Repair', 'Info', 'Deploy'].flatMap((command) => [
    `before${command}`,
    `after${command}`,
    `after${command}Error`,
    `after${command}OperationFinish`,
  ]),
  'beforeRepeatables',
  'afterVersioned',
  'afterMigrateApplied',
  'createSchema',
  'beforeCreateSchema',
  'beforeConnect',
  'afterConnect',
];
