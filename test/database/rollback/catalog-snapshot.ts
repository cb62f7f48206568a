import type pg from 'pg';

/** What a schema is made of, one text a part: the truth that the comparison of V and U is checked against. */
export async function snapshot(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ part: string }>(parts);
  return rows.map(({ part }) => part).sort();
}

const own = (column: string): string =>
  `${column} NOT IN (SELECT oid FROM pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema', 'pg_toast') OR nspname LIKE 'pg_temp%' OR nspname LIKE 'pg_toast_temp%')`;

const parts = `
SELECT concat_ws(' ', 'relation', c.oid::regclass, c.relkind, c.relowner::regrole, coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))::text, c.reloptions::text, c.relrowsecurity,
  c.relforcerowsecurity, c.relreplident, c.relpersistence, pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid),
  obj_description(c.oid, 'pg_class'),
  (SELECT string_agg(inhparent::regclass::text, ',') FROM pg_inherits WHERE inhrelid = c.oid),
  CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) WHEN c.relkind = 'i' THEN pg_get_indexdef(c.oid) END,
  (SELECT concat_ws(',', i.indisclustered, i.indisreplident) FROM pg_index i WHERE i.indexrelid = c.oid)) AS part
  FROM pg_class c WHERE c.relkind <> 't' AND ${own('c.relnamespace')}
UNION ALL SELECT concat_ws(' ', 'column', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
  a.attgenerated, a.attstattarget, a.attstorage, nullif(a.attcollation, 100)::regcollation, nullif(a.attacl::text, '{}'), pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum),
  (SELECT count(*) FROM pg_attribute b WHERE b.attrelid = a.attrelid AND b.attnum > 0 AND b.attnum < a.attnum AND NOT b.attisdropped))
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind NOT IN ('i', 'I', 't') AND ${own('c.relnamespace')}
UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, contypid::regtype, conname, pg_get_constraintdef(oid), convalidated)
  FROM pg_constraint WHERE contype <> 'n' AND ${own('connamespace')}
UNION ALL SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(oid), tgenabled) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT concat_ws(' ', 'rule', pg_get_ruledef(r.oid)) FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
  WHERE r.rulename <> '_RETURN' AND ${own('c.relnamespace')}
UNION ALL SELECT concat_ws(' ', 'policy', polrelid::regclass, polname, polcmd, polpermissive, polroles::text, pg_get_expr(polqual, polrelid),
  pg_get_expr(polwithcheck, polrelid)) FROM pg_policy
UNION ALL SELECT concat_ws(' ', 'routine', p.oid::regprocedure, CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END, p.proowner::regrole,
  coalesce(p.proacl, acldefault('f', p.proowner))::text, obj_description(p.oid, 'pg_proc')) FROM pg_proc p WHERE ${own('p.pronamespace')}
UNION ALL SELECT concat_ws(' ', 'type', t.oid::regtype, t.typtype, t.typnotnull, t.typdefault, format_type(t.typbasetype, t.typtypmod),
  (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid)) FROM pg_type t
  WHERE t.typtype IN ('e', 'd', 'c', 'r') AND ${own('t.typnamespace')}
UNION ALL SELECT concat_ws(' ', 'sequence', seqrelid::regclass, seqtypid::regtype, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle,
  (SELECT string_agg(concat_ws(' ', refobjid::regclass, refobjsubid, deptype), ',') FROM pg_depend WHERE objid = seqrelid AND refobjid <> 0 AND classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i'))) FROM pg_sequence
UNION ALL SELECT concat_ws(' ', 'schema', nspname, nspowner::regrole, coalesce(nspacl, acldefault('n', nspowner))::text) FROM pg_namespace WHERE ${own('oid')}
UNION ALL SELECT concat_ws(' ', 'extension', extname) FROM pg_extension
UNION ALL SELECT concat_ws(' ', 'statistics', stxnamespace::regnamespace, stxname, pg_get_statisticsobjdef(oid), stxstattarget) FROM pg_statistic_ext
UNION ALL SELECT concat_ws(' ', 'publication', pubname, puballtables, pubinsert, pubupdate, pubdelete, pubtruncate) FROM pg_publication
UNION ALL SELECT concat_ws(' ', 'published', p.pubname, r.prrelid::regclass) FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
UNION ALL SELECT concat_ws(' ', 'member', roleid::regrole, member::regrole) FROM pg_auth_members WHERE roleid >= 16384
UNION ALL SELECT concat_ws(' ', 'default acl', defaclrole::regrole, defaclnamespace, defaclobjtype, defaclacl::text) FROM pg_default_acl
UNION ALL SELECT concat_ws(' ', 'role setting', setdatabase, setrole, setconfig::text) FROM pg_db_role_setting`;
