/** Other names under which a setting stands in files. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  database: ['url', 'jdbcurl', 'driver', 'driverclassname', 'dependency'],
  sqlmigrationsuffixes: ['sqlmigrationsuffix'],
};

/**
 * The line (from 1) of a file on which a setting of Flyway gets its value; undefined where there is none, or several could be
 * meant. Any spelling counts: `sqlMigrationPrefix`, `sql-migration-prefix`, `<sqlMigrationPrefix>`.
 */
export function lineOfSetting(content: string, name: string): number | undefined {
  const parts = name.split('.');
  const wanted = [plain(name), plain(parts.at(-1) ?? name), ...(otherNames[plain(name)] ?? [])];
  const lines = content.split(/\r\n|\r|\n/);
  const found: { readonly line: number; readonly rank: number; readonly near: boolean }[] = [];
  let flywayAbove = false;
  for (const [index, line] of lines.entries()) {
    if (/^\s*(#|!|;|\/\/|<!--)/.test(line)) continue;
    if (/\bflyway\b/i.test(line)) flywayAbove = true;
    const key = keyOf(line);
    if (key === undefined) continue;
    const last = plain(key.split('.').at(-1) ?? key);
    const rank = wanted.findIndex((one) => one === last || plain(key).endsWith(one));
    if (
      rank !== -1 &&
      (last === wanted[rank] || plain(key) === wanted[rank] || plain(key).endsWith(wanted[rank] ?? ''))
    )
      found.push({ line: index + 1, rank, near: flywayAbove || /flyway/i.test(key) });
  }
  const near = found.filter((one) => one.near);
  const pool = near.length > 0 ? near : found;
  const best = Math.min(...pool.map(({ rank }) => rank));
  const [one, ...more] = pool.filter(({ rank }) => rank === best);
  return more.length === 0 ? one?.line : undefined;
}

/** What stands before `=`, `:` or in `<…>`. */
function keyOf(line: string): string | undefined {
  return (
    /^\s*<([\w.-]+)>/.exec(line)?.[1] ??
    /^\s*["']?([\w.[\]-]+?)["']?\s*[=:]/.exec(line)?.[1] ??
    // Gradle: `locations 'filesystem:db'`, and a call of put on placeholders.
    /^\s*([A-Za-z]\w*)\s+['"[]/.exec(line)?.[1]
  );
}

function plain(name: string): string {
  return name.replace(/[-_.]/g, '').toLowerCase();
}
