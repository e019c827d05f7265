import { script } from './script.ts';

/**
 * `begin` gives a channel that has none its epoch. Eviction and expiry take keys one by one: history and cursors that
 * are left of an older epoch would be mistaken for the new one's.
 */
export const CHANNEL = `
local function begin(channel, history, cursor, epoch, ttl)
  if redis.call('HSETNX', channel, 'epoch', epoch) == 1 then
    redis.call('DEL', history, cursor)
    redis.call('PEXPIRE', channel, ttl)
  end
  return redis.call('HGET', channel, 'epoch')
end

local function number(hash, field)
  return tonumber(redis.call('HGET', hash, field) or '0')
end

local function lastClosed(channel)
  return tonumber(string.match(redis.call('HGET', channel, 'floors') or '', '(%d+)@%d+\\n$') or '0')
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
 * KEYS channel, history, cursor, doorbell, lease.
 * ARGV wsUuid, source, kind, dedupe key, stage, progress, batch size, epoch and seq at which an event is known to be
 * ('' if none is), new epoch, dedupe key of what it has to stand after ('' if nothing), event without its last brace, TTL, events kept, when it was handed over, correlation id ('' if none),
 * dedupe key of the event that is known.
 *
 * An event that is known to stand in this very epoch, and does not: Redis went back in time, to a replica that had not
 * heard of it. With its terminal a source loses the places of its other events, so that nothing can be said of those. Numbers that clients have seen would be given to other events, so this epoch ends.
 * The same where a source is sent again while its upload before is under way here: that has ended, or there would be no other.
 *
 * A round is over when a socket was closed for it. Until then a further upload belongs to it, and one that is sent again after
 * its end is the same one: it was counted.
 *
 * A duplicate does not ring: the first run rang in the same breath as it wrote, and that entry stays in the stream,
 * unread or pending, until the event was served. But it does report `wake`: the first answer may be the one that was lost.
 * The lease is read last, after the doorbell rang: see `exit`.
 */
export const publish = script(`${CHANNEL}
local channel, history, cursor, doorbell, lease = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local wsUuid, source, kind, dedupeKey, stage, progress = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local batchSize, knownEpoch, knownSeq, newEpoch = tonumber(ARGV[7]), ARGV[8], ARGV[9], ARGV[10]
local after, body, ttl, kept = ARGV[11], ARGV[12], ARGV[13], ARGV[14]
local publishedAt, correlation, knownKey = ARGV[15], ARGV[16], ARGV[17]

local uuid, generation = string.match(source, '^(.*)#(%d+)$')
local openField, endedField, currentField = 'open:' .. source, 'ended:' .. uuid, 'current:' .. uuid
local seenField, stageField = 'seen:' .. source .. ':' .. dedupeKey, 'stage:' .. source .. ':' .. stage

local epoch = redis.call('HGET', channel, 'epoch')
local open = redis.call('HGET', channel, openField)
local current = redis.call('HGET', channel, currentField)
local endedGeneration, lastEnd = string.match(redis.call('HGET', channel, endedField) or '', '^(%d+):(%d+)$')
local ended = endedGeneration and tonumber(endedGeneration) >= tonumber(generation) and lastEnd
local function isWhereItWas()
  if ended then return knownKey ~= 'terminal' or endedGeneration ~= generation or ended == knownSeq end
  return knownKey ~= 'terminal' and redis.call('HGET', channel, 'seen:' .. source .. ':' .. knownKey) == knownSeq
end
local isAfterLostEnd = not ended and current and tonumber(current) < tonumber(generation)
if (epoch == knownEpoch and not isWhereItWas()) or isAfterLostEnd then
  redis.call('DEL', channel, history, cursor)
  epoch, open, current, lastEnd, ended = false, false, false, nil, false
end

if after ~= '' and not ended and redis.call('HEXISTS', channel, 'seen:' .. source .. ':' .. after) == 0 then
  return {'unopened', epoch or '', number(channel, 'seq'), wake(lease)}
end

epoch = begin(channel, history, cursor, newEpoch, ttl)
local function answer(outcome, seq)
  refresh(ttl, channel, history, cursor)
  return {outcome, epoch, tonumber(seq), wake(lease)}
end

local seen = redis.call('HGET', channel, seenField)
if seen then return answer('duplicate', seen) end
if ended and kind == 'terminal' then return answer('duplicate', ended) end
if ended then return answer('refused', number(channel, 'seq')) end
local highest = kind == 'progress' and redis.call('HGET', channel, stageField)
if highest and tonumber(progress) < tonumber(highest) then return answer('refused', number(channel, 'seq')) end

local seq = text(redis.call('HINCRBY', channel, 'seq', 1))
local complete = number(channel, 'complete')
if not open and complete > 0 then
  redis.call('HSET', channel, 'complete', '0')
  if complete == lastClosed(channel) then redis.call('HSET', channel, 'ended', '0') end
end

if kind == 'terminal' then
  if open then
    for field in string.gmatch(open, '[^\\n]+') do redis.call('HDEL', channel, field) end
    redis.call('HDEL', channel, openField)
    redis.call('HINCRBY', channel, 'open', -1)
  end
  if current == generation then redis.call('HDEL', channel, currentField) end
  redis.call('HSET', channel, endedField, generation .. ':' .. seq)
  local again = lastEnd and tonumber(lastEnd) > lastClosed(channel)
  local count = redis.call('HINCRBY', channel, 'ended', again and 0 or 1)
  if count >= batchSize and number(channel, 'open') <= 0 then redis.call('HSET', channel, 'complete', seq) end
else
  if not open then
    redis.call('HINCRBY', channel, 'open', 1)
    if not current then redis.call('HSET', channel, currentField, generation) end
  end
  local fields = (open or '') .. seenField .. '\\n'
  redis.call('HSET', channel, seenField, seq)
  if kind == 'progress' then
    if not highest then fields = fields .. stageField .. '\\n' end
    redis.call('HSET', channel, stageField, progress)
  end
  redis.call('HSET', channel, openField, fields)
end

local frame = body .. ',"event-id":"' .. epoch .. '-' .. seq .. '"}'
redis.call('XADD', history, 'MAXLEN', '~', kept, seq .. '-0', 'frame', frame, 'at', publishedAt, 'correlation', correlation)
ring(doorbell, wsUuid)
redis.call('PUBLISH', wsUuid, frame)
return answer('published', seq)
`);

/** KEYS doorbell, lease. ARGV wsUuid. */
export const ring = script(`${CHANNEL}
ring(KEYS[1], ARGV[1])
return wake(KEYS[2])
`);

/**
 * KEYS channel, cursor. ARGV epoch, seq, now, length of `floors` from which the oldest is left out, fields that may come to a hash
 * before it is looked through.
 * What was read before Redis lost its data, or before the next upload, says nothing of the channel as it is now.
 *
 * A channel that is used every day never expires. So what is older than all rounds that it remembers is left out: ends, which
 * nobody publishes once more so late, and cursors of connections that left by themselves. One of a connection that is there
 * is made again. A hash is looked through when it has grown to twice of what was left in it.
 */
export const closeRound = script(`${CHANNEL}
local channel, cursor, epoch, seq, now = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2]), ARGV[3]
local most, slack = tonumber(ARGV[4]), tonumber(ARGV[5])
local function prune(hash, left, name, value, forget)
  if redis.call('HLEN', hash) <= 2 * number(channel, left) + slack then return end
  local oldest = tonumber(string.match(redis.call('HGET', channel, 'floors'), '^%d+'))
  local all = redis.call('HGETALL', hash)
  for i = 1, #all, 2 do
    local of, at = string.match(all[i], name), tonumber(string.match(all[i + 1], value))
    if of and at and at < oldest then forget(of) end
  end
  redis.call('HSET', channel, left, redis.call('HLEN', hash))
end
if epoch ~= redis.call('HGET', channel, 'epoch') or seq ~= number(channel, 'complete') then return 0 end
local floors = redis.call('HGET', channel, 'floors') or ''
if seq > lastClosed(channel) then
  floors = floors .. text(seq) .. '@' .. now .. '\\n'
  while #floors > most do floors = string.match(floors, '^%d+@%d+\\n(.*)$') end
  redis.call('HSET', channel, 'floors', floors)
  prune(channel, 'left:channel', '^ended:(.*)$', ':(%d+)$', function(of) redis.call('HDEL', channel, 'ended:' .. of) end)
  prune(cursor, 'left:cursor', '^(.*):sent$', '^%d+$', function(of)
    for _, field in ipairs({'start', 'sent', 'acknowledged', 'turn', 'resume'}) do
      redis.call('HDEL', cursor, of .. ':' .. field)
    end
  end)
end
return 1
`);

/** KEYS channel. ARGV epoch. */
export const markRestored = script(`
if ARGV[1] == redis.call('HGET', KEYS[1], 'epoch') then redis.call('HSET', KEYS[1], 'restored', '1') end
`);
