import type { PoolerConsole, ShowCommand } from '../../../src/core/ports/pooler-console';
import type { RawRow } from '../../../src/core/ports/row';

/** The columns of each version, in its order: what a version adds, renames or moves is the point. */
const pools: Readonly<Record<string, string>> = {
  '1.16.1':
    'database user cl_active cl_waiting cl_cancel_req sv_active sv_idle sv_used sv_tested sv_login maxwait maxwait_us pool_mode',
  '1.18.0':
    'database user cl_active cl_waiting cl_active_cancel_req cl_waiting_cancel_req sv_active sv_active_cancel sv_being_canceled sv_idle sv_used sv_tested sv_login maxwait maxwait_us pool_mode',
  '1.24.1':
    'database user cl_active cl_waiting cl_active_cancel_req cl_waiting_cancel_req sv_active sv_active_cancel sv_being_canceled sv_idle sv_used sv_tested sv_login maxwait maxwait_us pool_mode load_balance_hosts',
};

const databases: Readonly<Record<string, string>> = {
  '1.16.1':
    'name host port database force_user pool_size min_pool_size reserve_pool pool_mode max_connections current_connections paused disabled',
  '1.18.0':
    'name host port database force_user pool_size min_pool_size reserve_pool pool_mode max_connections current_connections paused disabled',
  '1.24.1':
    'name host port database force_user pool_size min_pool_size reserve_pool_size server_lifetime pool_mode load_balance_hosts max_connections current_connections max_client_connections current_client_connections paused disabled',
};

const sockets: Readonly<Record<string, string>> = {
  '1.16.1':
    'type user database state addr port local_addr local_port connect_time request_time wait wait_us close_needed ptr link remote_pid tls',
  '1.18.0':
    'type user database state addr port local_addr local_port connect_time request_time wait wait_us close_needed ptr link remote_pid tls application_name',
  '1.24.1':
    'type user database replication state addr port local_addr local_port connect_time request_time wait wait_us close_needed ptr link remote_pid tls application_name prepared_statements id',
};

const stats: Readonly<Record<string, string>> = {
  '1.16.1':
    'database total_xact_count total_query_count total_received total_sent total_xact_time total_query_time total_wait_time avg_xact_count avg_query_count avg_recv avg_sent avg_xact_time avg_query_time avg_wait_time',
  '1.18.0':
    'database total_xact_count total_query_count total_received total_sent total_xact_time total_query_time total_wait_time avg_xact_count avg_query_count avg_recv avg_sent avg_xact_time avg_query_time avg_wait_time',
  '1.24.1':
    'database total_server_assignment_count total_xact_count total_query_count total_received total_sent total_xact_time total_query_time total_wait_time total_client_parse_count total_server_parse_count total_bind_count avg_server_assignment_count avg_xact_count avg_query_count avg_recv avg_sent avg_xact_time avg_query_time avg_wait_time avg_client_parse_count avg_server_parse_count avg_bind_count',
};

const config: Readonly<Record<string, string>> = {
  '1.16.1': 'key value default changeable',
  '1.18.0': 'key value default changeable',
  '1.24.1': 'key value default changeable',
};

export const versions = Object.keys(pools);

type Values = Readonly<Record<string, unknown>>;

/** A row with the columns of this version: those without a value are 0, as most are in a quiet pooler. */
function row(columns: string | undefined, values: Values): RawRow {
  return Object.fromEntries((columns ?? '').split(' ').map((column) => [column, values[column] ?? 0]));
}

/** One pool of five, full, with one client that waits 9.25 s; the values as the driver gives them. */
export function rowsOf(version: string): Readonly<Partial<Record<ShowCommand, readonly RawRow[]>>> {
  const socket = (values: Values): RawRow => row(sockets[version], { database: 'shop', user: 'app', ...values });
  return {
    VERSION: [{ version: `PgBouncer ${version}` }],
    POOLS: [
      row(pools[version], { database: 'pgbouncer', user: 'pgbouncer', cl_active: 1, pool_mode: 'statement' }),
      row(pools[version], {
        ...{ database: 'shop', user: 'app', cl_active: 7, cl_waiting: 1, sv_active: 5, sv_idle: 0, sv_used: 0 },
        ...{ maxwait: 9, maxwait_us: 250_000, pool_mode: 'transaction' },
      }),
    ],
    DATABASES: [
      row(databases[version], { name: 'pgbouncer', port: 6432, database: 'pgbouncer', pool_size: 2, host: null }),
      row(databases[version], {
        ...{ name: 'shop', host: '10.0.0.1', port: 5432, database: 'shop_prod', pool_size: 5 },
        ...{ reserve_pool: 3, reserve_pool_size: 3, current_connections: 5 },
      }),
    ],
    STATS: [
      row(stats[version], { database: 'shop', total_query_count: '12345678901234567890', avg_wait_time: '1500' }),
    ],
    CLIENTS: [
      socket({
        type: 'C',
        state: 'active',
        addr: '10.0.0.7',
        port: 51234,
        ptr: '0xc1',
        link: '0xa1',
        application_name: 'api',
      }),
      socket({
        type: 'C',
        state: 'waiting',
        addr: '10.0.0.8',
        port: 51235,
        ptr: '0xc2',
        link: '',
        wait: 9,
        wait_us: 250_000,
      }),
    ],
    SERVERS: [
      socket({
        type: 'S',
        state: 'active',
        addr: '10.0.0.1',
        port: 5432,
        local_addr: '10.0.0.9',
        local_port: 40001,
        ptr: '0xa1',
        link: '0xc1',
        remote_pid: 4310,
      }),
      socket({ type: 'S', state: 'idle', addr: '10.0.0.1', port: 5432, ptr: '0xa2', link: '', remote_pid: 4311 }),
    ],
    CONFIG: [row(config[version], { key: 'pool_mode', value: 'transaction', changeable: 'yes' })],
  };
}

export function consoleOf(version: string, rows = rowsOf(version)): PoolerConsole {
  return {
    version,
    alive: true,
    show: (command) => Promise.resolve(rows[command] ?? []),
    close: () => Promise.resolve(),
  };
}
