/** Wrong use of the command line: the message says what, and the exit code is 2. */
export class UsageError extends Error {
  readonly reason = 'usage';
}

export const usage = `dbops: Flyway migrations as Flyway reads them, and what lint says of them.

  dbops info [paths] [--format text|json]
      What Flyway sees in each file: kind, version, description, checksum, whether it runs in a transaction.
  dbops info [paths] --config [--format text|json]
      The configuration of each project, and where each value comes from. Secrets are not shown.
  dbops lint [paths] [--format text|json|sarif|github]
      Findings. --changed-since REF looks for forward safety only at scripts that git's REF does not have, or has with
      another text; it also tells versions out of order and scripts edited after they were applied.
  dbops lint [paths] --fix [--dry-run]
      Writes the fixes that need nobody to look at them: lock_timeout, SET LOCAL, NOT VALID with VALIDATE in a script of
      its own, names, undo scripts that are certain. Only in scripts that git's main branch, or REF, does not have; no
      file is overwritten. Then it lints. --dry-run says what it would write.
  dbops lint --explain RULE
      The page of a rule.
  dbops --help

A path is a project's folder (the working folder when none is given), a folder of scripts, or one script.
--database CONNECTION asks the database that the scripts are for, as libpq or JDBC writes it (postgresql://user@host/name,
the password from PGPASSWORD or ~/.pgpass): info tells the state of each script in Flyway's history; lint looks for safety at
what is pending, with PostgreSQL's version and the sizes of the tables. Nothing is written there.
--locations overrides the configured locations, as Flyway writes them: --locations filesystem:db/migration
Settings of lint stand in dbops.toml in the linted folder, or the working folder: requireReason, locations, [rules],
[[folders]] with a path and rules.

Exit codes: 0 nothing found, or only hints and information; 1 a warning or an error; 2 wrong use or a failure; 3 a
configuration cannot be read, so that Flyway may run other scripts than those that were looked at.`;
