-- Says that a node is there, once in a while and when it comes. KEYS: the epoch, the count of beats, the nodes, what is
-- revoked, the node's own channel. ARGV: the node, how long it is there in milliseconds, what it wants to hear on its
-- channel, and how far it has seen this Redis come: the epoch and the beats. Answers with the epoch, the beats so far, and how many nodes are there.

local epoch = redis.call('GET', KEYS[1])
if not epoch then
    return redis.error_reply('FORGOTTEN there is no epoch')
end
if epoch == ARGV[4] and tonumber(redis.call('GET', KEYS[2]) or '0') < tonumber(ARGV[5]) then
    -- It came back without what it had. No other node, and none that is new, is to go by it.
    redis.call('DEL', KEYS[1])
    return redis.error_reply('FORGOTTEN it has less than it had')
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local beats = redis.call('INCR', KEYS[2])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
redis.call('ZADD', KEYS[3], now + ARGV[2], ARGV[1])
-- Five minutes longer than they are worth knowing, for nodes whose clock is behind.
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now - 300000)
redis.call('PUBLISH', KEYS[5], ARGV[3])
return { epoch, beats, redis.call('ZCARD', KEYS[3]) }
