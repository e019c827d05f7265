import { script } from './script.ts';

/** KEYS lease, doorbell. An entry that was settled is gone: any that is there is unread, or pending on somebody who left. */
export const isUnserved = script(`
if redis.call('EXISTS', KEYS[1]) == 1 or redis.call('XLEN', KEYS[2]) == 0 then return 0 end
return 1
`);

/**
 * KEYS recovered. ARGV token, TTL.
 * The token stays until its recovery has ended: whoever comes after a crash in between finds it unfinished and begins anew.
 */
export const beginRecovery = script(`
if redis.call('GET', KEYS[1]) == 'whole' then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`);

/** KEYS recovered. ARGV token, TTL. */
export const endRecovery = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], 'whole', 'PX', ARGV[2]) end
`);
