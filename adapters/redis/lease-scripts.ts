import { script } from './script.ts';

/** `each` walks the flat name-value lists that XINFO answers inside a script. */
const XINFO = `
local function each(rows)
  local result = {}
  for _, row in ipairs(rows) do
    local fields = {}
    for i = 1, #row, 2 do fields[row[i]] = row[i + 1] end
    table.insert(result, fields)
  end
  return result
end
`;

/**
 * KEYS lease, doorbell. ARGV token, TTL, group.
 * Consumers of earlier tokens go when nothing is pending on them: XGROUP DELCONSUMER drops what still is.
 */
export const acquire = script(`${XINFO}
local lease, doorbell, token, ttl, group = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3]
local holder = redis.call('GET', lease)
if holder and holder ~= token then return 0 end
redis.call('SET', lease, token, 'PX', ttl)
local consumers = redis.pcall('XINFO', 'CONSUMERS', doorbell, group)
if consumers.err then return 1 end
for _, consumer in ipairs(each(consumers)) do
  if consumer.name ~= token and consumer.pending == 0 then
    redis.call('XGROUP', 'DELCONSUMER', doorbell, group, consumer.name)
  end
end
return 1
`);

/** KEYS lease. ARGV token, TTL. */
export const renew = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);

/** KEYS lease. ARGV token. */
export const release = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
`);

/**
 * KEYS lease, doorbell. ARGV token, group.
 *
 * The race that this closes: a publisher rings, sees the lease and wakes nobody, while the subscriber, having seen an
 * empty doorbell a moment before, gives the lease up. Here both run alone: either the ring came first, and this finds
 * an entry after the last one delivered, or the lease is gone first, and the publisher finds it gone.
 *
 * A lease that is nobody's counts as this token's, so that a repeat after a lost answer is told the same.
 * An XINFO that fails means that there is no stream, and so nothing to serve.
 */
export const exit = script(`${XINFO}
local lease, doorbell, token, group = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local holder = redis.call('GET', lease)
if holder and holder ~= token then return 0 end
local groups = redis.pcall('XINFO', 'GROUPS', doorbell)
if not groups.err then
  local delivered, known = '0-0', false
  for _, fields in ipairs(each(groups)) do
    if fields.name == group then
      if fields.pending > 0 then return 0 end
      delivered, known = fields['last-delivered-id'], true
    end
  end
  if #redis.call('XRANGE', doorbell, '(' .. delivered, '+', 'COUNT', 1) > 0 then return 0 end
  if known then redis.call('XGROUP', 'DELCONSUMER', doorbell, group, token) end
end
redis.call('DEL', lease)
return 1
`);

/** KEYS doorbell. ARGV group, then the ids. One step: an entry acknowledged but not deleted would stay for ever. */
export const settle = script(`
for i = 2, #ARGV do
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
  redis.call('XDEL', KEYS[1], ARGV[i])
end
`);
