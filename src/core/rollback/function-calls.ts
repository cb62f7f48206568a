/** Functions that change nothing that stays, often called in migrations. Any other might do anything. */
const harmless = new Set(
  (
    'abs age array_agg array_length avg btrim ceil char_length clock_timestamp concat concat_ws count current_database current_schema ' +
    'current_setting date_part date_trunc dense_rank extract floor format format_type gen_random_uuid generate_series json_agg ' +
    'json_build_object jsonb_agg jsonb_build_object jsonb_array_elements jsonb_array_elements_text jsonb_each jsonb_each_text ' +
    'lag lead left length lower lpad ltrim make_interval max md5 min mod now nullif obj_description pg_advisory_lock pg_advisory_unlock ' +
    'pg_advisory_xact_lock pg_backend_pid pg_column_size pg_get_serial_sequence pg_relation_size pg_size_pretty pg_sleep ' +
    'pg_table_is_visible pg_total_relation_size pg_try_advisory_lock pg_try_advisory_xact_lock pg_typeof power quote_ident quote_literal ' +
    'random rank regexp_matches regexp_replace regexp_split_to_table replace right round row_number row_to_json rpad rtrim set_config ' +
    'sign split_part string_agg string_to_array strpos substr substring sum timezone to_char to_date to_json to_jsonb to_number ' +
    'to_regclass to_timestamp translate trim trunc unnest upper version'
  ).split(' '),
);

/** Whether a function, by its name without pg_catalog, is known to change nothing that stays. */
export function isHarmless(name: string): boolean {
  return harmless.has(name);
}

/** Functions that move a sequence: where it stood before is not kept. */
const movesSequence = new Set(['setval', 'nextval']);

export interface CalledFunctions {
  /** The first that cannot be looked into. */
  readonly unknown: string | undefined;
  readonly movesSequence: boolean;
}

/** The functions called anywhere in a tree. */
export function calledFunctions(tree: unknown): CalledFunctions {
  let unknown: string | undefined;
  let moves = false;
  const pending: unknown[] = [tree];
  while (pending.length > 0) {
    const value = pending.pop();
    if (Array.isArray(value)) pending.push(...(value as readonly unknown[]));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'FuncCall') {
        const name = nameOf(inner);
        if (movesSequence.has(name)) moves = true;
        else if (!harmless.has(name)) unknown ??= name;
      }
      if (typeof inner === 'object') pending.push(inner);
    }
  }
  return { unknown, movesSequence: moves };
}

function nameOf(call: unknown): string {
  const names = (call as { funcname?: readonly { String?: { sval?: string } }[] }).funcname ?? [];
  const parts = names.map((name) => name.String?.sval ?? '').filter((name) => name !== 'pg_catalog');
  return parts.join('.');
}
