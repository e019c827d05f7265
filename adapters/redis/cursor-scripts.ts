import { CHANNEL } from './channel-scripts.ts';
import { script } from './script.ts';

/**
 * Where a connection stands: `sent` is -1 while it has to be told that there is a gap.
 *
 * A resume waits in its own field until the delivery to that connection next asks where it stands: were it written at
 * once, the page that is in flight would move `sent` past it. From then on it is another turn, so that no page of before moves
 * it, not even that of a subscriber which was overtaken. It never makes the start later: who came before the end of a
 * round is closed at it, also when it says that it has it.
 */
const CURSOR = `
local function has(cursor, connection)
  return redis.call('HEXISTS', cursor, connection .. ':start') == 1
end

local function place(channel, connectedAt, afterEpoch, afterSeq)
  if afterEpoch == '' then
    local floor = 0
    for seq, at in string.gmatch(redis.call('HGET', channel, 'floors') or '', '(%d+)@(%d+)') do
      if tonumber(at) <= connectedAt then floor = tonumber(seq) end
    end
    return floor
  end
  local seq = tonumber(afterSeq)
  if afterEpoch ~= redis.call('HGET', channel, 'epoch') or seq > number(channel, 'seq') then return -1 end
  return seq
end

local function put(cursor, connection, to, turn)
  redis.call('HSET', cursor, connection .. ':start', text(math.max(to, 0)), connection .. ':sent', text(to),
    connection .. ':acknowledged', '0', connection .. ':turn', turn)
end

local function fold(cursor, connection, turn)
  local resume = redis.call('HGET', cursor, connection .. ':resume')
  if resume then
    local start = math.min(number(cursor, connection .. ':start'), math.max(tonumber(resume), 0))
    redis.call('HSET', cursor, connection .. ':start', text(start), connection .. ':sent', resume,
      connection .. ':turn', turn)
    redis.call('HDEL', cursor, connection .. ':resume')
  end
end
`;

/**
 * KEYS channel, history, cursor, doorbell, lease.
 * ARGV wsUuid, connection, when it connected, epoch and seq that it has ('' if none), new epoch or turn, TTL.
 *
 * With an event it is a resume even where there is no cursor: that may have been evicted under a page in flight.
 */
export const open = script(`${CHANNEL}${CURSOR}
local channel, history, cursor, doorbell, lease = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local wsUuid, connection, connectedAt, afterEpoch, afterSeq = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local newEpoch, ttl = ARGV[6], ARGV[7]
begin(channel, history, cursor, newEpoch, ttl)
local to = place(channel, connectedAt, afterEpoch, afterSeq)
if not has(cursor, connection) then put(cursor, connection, to, newEpoch) end
if afterEpoch ~= '' then redis.call('HSET', cursor, connection .. ':resume', text(to)) end
refresh(ttl, channel, history, cursor)
ring(doorbell, wsUuid)
return wake(lease)
`);

/** What is read in excess of the bytes that are wanted is of Redis alone. */
const READ_AT_ONCE = 8;

/**
 * KEYS channel, history, cursor. ARGV connection, when it connected, epoch and seq that it has ('' if none), count, new epoch or turn, TTL, bytes.
 * @returns epoch, seq, complete, restored, the lowest seq held, and only where it is restored: start, sent, acknowledged, turn, entries.
 */
export const next = script(`${CHANNEL}${CURSOR}
local function page(history, from, count, most)
  local entries, bytes = {}, 0
  repeat
    local some = redis.call('XRANGE', history, text(from) .. '-0', '+', 'COUNT', math.min(count - #entries, ${READ_AT_ONCE}))
    for _, entry in ipairs(some) do
      bytes = bytes + #entry[2][2]
      if #entries > 0 and bytes > most then return entries end
      entries[#entries + 1] = entry
      from = tonumber(string.match(entry[1], '^%d+')) + 1
    end
  until #some < ${READ_AT_ONCE} or #entries >= count
  return entries
end

local channel, history, cursor = KEYS[1], KEYS[2], KEYS[3]
local connection, connectedAt, afterEpoch, afterSeq = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local count, newEpoch, ttl, most = tonumber(ARGV[5]), ARGV[6], ARGV[7], tonumber(ARGV[8])
local epoch = begin(channel, history, cursor, newEpoch, ttl)
local seq = number(channel, 'seq')
local first = redis.call('XRANGE', history, '-', '+', 'COUNT', 1)[1]
local held = first and tonumber(string.match(first[1], '^%d+')) or seq + 1
local view = {epoch, seq, number(channel, 'complete'), number(channel, 'restored'), held}
if view[4] == 0 then return view end

if not has(cursor, connection) then
  put(cursor, connection, place(channel, connectedAt, afterEpoch, afterSeq), newEpoch)
  refresh(ttl, channel, history, cursor)
end
fold(cursor, connection, newEpoch)
local sent = number(cursor, connection .. ':sent')
view[6], view[7], view[8] = number(cursor, connection .. ':start'), sent, number(cursor, connection .. ':acknowledged')
view[9] = redis.call('HGET', cursor, connection .. ':turn')
view[10] = page(history, math.max(sent, 0) + 1, count, most)
return view
`);

/**
 * KEYS channel, cursor, doorbell, lease. ARGV wsUuid, connection, epoch, seq.
 * Rings only for what is new: a client that acknowledges over and over makes no work.
 */
export const acknowledge = script(`${CHANNEL}${CURSOR}
local channel, cursor, doorbell, lease = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local wsUuid, connection, epoch = ARGV[1], ARGV[2], ARGV[3]
if epoch == redis.call('HGET', channel, 'epoch') and has(cursor, connection) then
  local seq = math.min(tonumber(ARGV[4]), number(channel, 'seq'))
  if seq > number(cursor, connection .. ':acknowledged') then
    redis.call('HSET', cursor, connection .. ':acknowledged', text(seq))
    ring(doorbell, wsUuid)
  end
end
return wake(lease)
`);

/** KEYS cursor. ARGV connection, turn, seq. A cursor that was dropped is not brought back as half of one. */
export const moveCursor = script(`${CHANNEL}
local connection, turn, seq = ARGV[1], ARGV[2], tonumber(ARGV[3])
local sent = connection .. ':sent'
if turn == redis.call('HGET', KEYS[1], connection .. ':turn') and seq > number(KEYS[1], sent) then
  redis.call('HSET', KEYS[1], sent, text(seq))
end
`);
