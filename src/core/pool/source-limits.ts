import type { Limits } from '../health/check-run';
import { standardOf } from '../health/standard-limits';
import type { PoolerThresholds } from '../pooler/pooler-evaluation';
import type { PoolThresholds } from './pool-evaluation';

/** What an application's pools are compared with. */
export function poolThresholds(limits: Limits): PoolThresholds {
  return {
    used: limits('hikari.used', standardOf('hikari.used')),
    pending: limits('hikari.pending', standardOf('hikari.pending')),
    timeouts: limits('hikari.timeouts', standardOf('hikari.timeouts')),
  };
}

/** What a pooler's queue is compared with. */
export function poolerThresholds(limits: Limits): PoolerThresholds {
  return { waitS: limits('pgbouncer.wait', standardOf('pgbouncer.wait')) };
}
