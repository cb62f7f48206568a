import { listOf, namesOf, nodeOf } from '../../rollback/tree';
import type { TreeNode } from '../../sql/grammar';
import type { Schema } from '../../sql/replay/schema';
import { keyOfNames, type StatementScope } from '../../sql/replay/scope';

/** Whether an expression gives another value for each row. `unknown`: it calls what no script defines. */
export type Volatility = 'constant' | 'volatile' | 'unknown';

const volatile = new Set(
  (
    'clock_timestamp timeofday random random_normal gen_random_uuid gen_random_bytes uuid_generate_v1 uuid_generate_v1mc ' +
    'array_shuffle array_sample setseed uuid_generate_v4 uuidv4 uuidv7 nextval currval lastval setval gen_salt pg_sleep crypt_random pg_backend_random'
  ).split(' '),
);
/** The functions of PostgreSQL that stand in defaults, none of them volatile. */
const constant = new Set(
  (
    'now transaction_timestamp statement_timestamp current_database current_schema current_setting timezone to_char to_date ' +
    'to_timestamp date_trunc date_part extract make_date make_interval make_timestamp make_timestamptz age lower upper trim btrim ' +
    'ltrim rtrim md5 concat concat_ws coalesce nullif array_append array_fill string_to_array json_build_object jsonb_build_object ' +
    'json_build_array jsonb_build_array to_json to_jsonb row_to_json abs round floor ceil power mod greatest least length left right ' +
    'substr substring replace repeat lpad rpad encode decode digest sha256 hashtext txid_current pg_current_xact_id session_user ' +
    'inet_client_addr inet_client_port pg_backend_pid version int4range int8range tsrange tstzrange daterange numrange format quote_literal ' +
    'regexp_replace overlay position strpos pi point reverse sign sqrt trunc date_bin justify_interval txid_current_if_assigned ' +
    'uuid_nil uuid_ns_url bit_length octet_length ascii chr initcap translate split_part to_number to_tsvector array_length cardinality'
  ).split(' '),
);

/** The volatility of an expression: that of the worst function in it. */
export function volatilityOf(expression: TreeNode | undefined, schema: Schema, scope: StatementScope): Volatility {
  let worst: Volatility = 'constant';
  const pending: unknown[] = [expression];
  while (pending.length > 0) {
    const value = pending.pop();
    if (Array.isArray(value)) pending.push(...(value as readonly unknown[]));
    else if (typeof value === 'object' && value !== null) {
      const call = nodeOf(value as TreeNode, 'FuncCall');
      const found = call && ofCall(call, schema, scope);
      if (found === 'volatile') return 'volatile';
      if (found === 'unknown') worst = 'unknown';
      pending.push(...Object.values(value as TreeNode));
    }
  }
  return worst;
}

function ofCall(call: TreeNode, schema: Schema, scope: StatementScope): Volatility {
  const names = namesOf(listOf(call, 'funcname'));
  const name = names.at(-1) ?? '';
  if (volatile.has(name)) return 'volatile';
  const own = schema.routines(keyOfNames(scope, names));
  if (own.length > 0) return own.some((routine) => routine.volatility === 'volatile') ? 'volatile' : 'constant';
  return constant.has(name) ? 'constant' : 'unknown';
}
