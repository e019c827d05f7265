import { script } from './script.ts';

/**
 * `begin` gives a channel that has none its epoch. Eviction and expiry take keys one by one: history and cursors that
 * are left of an older epoch would be mistaken for the new one's.
 */
const CHANNEL = `
local function begin(channel, history, cursor, epoch)
  if redis.call('HSETNX', channel, 'epoch', epoch) == 1 then
    redis.call('DEL', history, cursor)
  end
  return redis.call('HGET', channel, 'epoch')
end

local function number(hash, field)
  return tonumber(redis.call('HGET', hash, field) or '0')
end

local function text(value)
  return string.format('%d', value)
end

local function refresh(ttl, ...)
  for _, key in ipairs({...}) do redis.call('PEXPIRE', key, ttl) end
end

local function ring(doorbell, wsUuid)
  redis.call('XADD', doorbell, '*', 'ws-uuid', wsUuid)
end

local function wake(lease)
  return 1 - redis.call('EXISTS', lease)
end
`;

/**
 * A resume waits in its own field until the delivery to that connection next asks where it stands: were it written at
 * once, the page that is in flight would move `sent` past it.
 */
const CURSOR = `
local function fold(cursor, connection)
  local resume = redis.call('HGET', cursor, connection .. ':resume')
  if resume then
    redis.call('HSET', cursor, connection .. ':start', resume, connection .. ':sent', resume)
    redis.call('HDEL', cursor, connection .. ':resume')
  end
end

local function place(channel, afterEpoch, afterSeq)
  if afterEpoch == '' then return number(channel, 'floor') end
  if afterEpoch ~= redis.call('HGET', channel, 'epoch') then return 0 end
  return math.min(tonumber(afterSeq), number(channel, 'seq'))
end

local function put(cursor, connection, start)
  redis.call('HSET', cursor, connection .. ':start', text(start), connection .. ':sent', text(start),
    connection .. ':acknowledged', '0')
end
`;

/**
 * KEYS channel, history, cursor, doorbell, lease.
 * ARGV wsUuid, source, kind, dedupe key, stage, progress, batch size, epoch, event without its last brace, TTL, events kept.
 *
 * A duplicate does not ring: the first run rang in the same breath as it wrote, and that entry stays in the stream,
 * unread or pending, until the event was served. But it does report `wake`: the first answer may be the one that was lost.
 * The lease is read last, after the doorbell rang: see `exit`.
 */
export const publish = script(`${CHANNEL}
local channel, history, cursor, doorbell, lease = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local wsUuid, source, kind, dedupeKey, stage, progress = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local batchSize, newEpoch, body, ttl, kept = tonumber(ARGV[7]), ARGV[8], ARGV[9], ARGV[10], ARGV[11]

local epoch = begin(channel, history, cursor, newEpoch)
local function answer(outcome, seq)
  refresh(ttl, channel, history, cursor)
  return {outcome, epoch, tonumber(seq), wake(lease)}
end

local endedField, openField = 'ended:' .. source, 'open:' .. source
local seenField, stageField = 'seen:' .. source .. ':' .. dedupeKey, 'stage:' .. source .. ':' .. stage

local seen = redis.call('HGET', channel, seenField)
if seen then return answer('duplicate', seen) end
local ended = redis.call('HGET', channel, endedField)
if ended and kind == 'terminal' then return answer('duplicate', ended) end
if ended then return answer('refused', number(channel, 'seq')) end
local highest = kind == 'progress' and redis.call('HGET', channel, stageField)
if highest and tonumber(progress) < tonumber(highest) then return answer('refused', number(channel, 'seq')) end

local seq = text(redis.call('HINCRBY', channel, 'seq', 1))
local open = redis.call('HGET', channel, openField)
if not open and number(channel, 'complete') > 0 then
  redis.call('HSET', channel, 'complete', '0', 'ended', '0')
end

if kind == 'terminal' then
  redis.call('HSET', channel, endedField, seq)
  if open then
    for field in string.gmatch(open, '[^\\n]+') do redis.call('HDEL', channel, field) end
    redis.call('HDEL', channel, openField)
    redis.call('HINCRBY', channel, 'open', -1)
  end
  local count = redis.call('HINCRBY', channel, 'ended', 1)
  if count >= batchSize and number(channel, 'open') <= 0 then redis.call('HSET', channel, 'complete', seq) end
else
  if not open then redis.call('HINCRBY', channel, 'open', 1) end
  local fields = (open or '') .. seenField .. '\\n'
  redis.call('HSET', channel, seenField, seq)
  if kind == 'progress' then
    if not highest then fields = fields .. stageField .. '\\n' end
    redis.call('HSET', channel, stageField, progress)
  end
  redis.call('HSET', channel, openField, fields)
end

local frame = body .. ',"event-id":"' .. epoch .. '-' .. seq .. '"}'
redis.call('XADD', history, 'MAXLEN', '~', kept, seq .. '-0', 'frame', frame)
ring(doorbell, wsUuid)
redis.call('PUBLISH', wsUuid, frame)
return answer('published', seq)
`);

/** KEYS channel, history, cursor, doorbell, lease. ARGV wsUuid, connection, epoch and seq that it has ('' if none), new epoch, TTL. */
export const open = script(`${CHANNEL}${CURSOR}
local channel, history, cursor, doorbell, lease = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local wsUuid, connection, afterEpoch, afterSeq, newEpoch, ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
begin(channel, history, cursor, newEpoch)
if redis.call('HEXISTS', cursor, connection .. ':start') == 0 then
  put(cursor, connection, place(channel, afterEpoch, afterSeq))
elseif afterEpoch ~= '' then
  redis.call('HSET', cursor, connection .. ':resume', text(place(channel, afterEpoch, afterSeq)))
end
refresh(ttl, channel, history, cursor)
ring(doorbell, wsUuid)
return wake(lease)
`);

/** KEYS channel, history, cursor. ARGV connection, epoch and seq that it has ('' if none), new epoch, TTL. */
export const openCursor = script(`${CHANNEL}${CURSOR}
local channel, history, cursor = KEYS[1], KEYS[2], KEYS[3]
local connection, afterEpoch, afterSeq, newEpoch, ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
begin(channel, history, cursor, newEpoch)
if redis.call('HEXISTS', cursor, connection .. ':start') == 0 then
  put(cursor, connection, place(channel, afterEpoch, afterSeq))
  refresh(ttl, channel, history, cursor)
end
fold(cursor, connection)
return {number(cursor, connection .. ':start'), number(cursor, connection .. ':sent'),
  number(cursor, connection .. ':acknowledged')}
`);

/**
 * KEYS channel, cursor, doorbell, lease. ARGV wsUuid, connection, epoch, seq.
 * Rings only for what is new: a client that acknowledges over and over makes no work.
 */
export const acknowledge = script(`${CHANNEL}
local channel, cursor, doorbell, lease = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local wsUuid, connection, epoch = ARGV[1], ARGV[2], ARGV[3]
if epoch == redis.call('HGET', channel, 'epoch') and redis.call('HEXISTS', cursor, connection .. ':start') == 1 then
  local seq = math.min(tonumber(ARGV[4]), number(channel, 'seq'))
  if seq > number(cursor, connection .. ':acknowledged') then
    redis.call('HSET', cursor, connection .. ':acknowledged', text(seq))
    ring(doorbell, wsUuid)
  end
end
return wake(lease)
`);

/** KEYS channel, cursor. */
export const view = script(`${CHANNEL}
local channel, cursor = KEYS[1], KEYS[2]
return {redis.call('HGET', channel, 'epoch') or '', number(channel, 'seq'), number(channel, 'complete'),
  redis.call('HGETALL', cursor)}
`);

/** KEYS cursor. ARGV connection, seq. A cursor that was dropped is not brought back as half of one. */
export const moveCursor = script(`
if redis.call('HEXISTS', KEYS[1], ARGV[1] .. ':start') == 1 then
  redis.call('HSET', KEYS[1], ARGV[1] .. ':sent', ARGV[2])
end
`);

/** KEYS channel. ARGV epoch and seq. What was read before Redis lost its data says nothing of the channel as it is now. */
export const closeRound = script(`${CHANNEL}
local epoch, seq = ARGV[1], tonumber(ARGV[2])
if epoch == redis.call('HGET', KEYS[1], 'epoch') and seq > number(KEYS[1], 'floor') then
  redis.call('HSET', KEYS[1], 'floor', text(seq))
end
`);
