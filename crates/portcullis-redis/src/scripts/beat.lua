-- Says that a node is there, once in a while and when it comes. KEYS: the epoch, the nodes, what is revoked, the node's own
-- channel. ARGV: the node, how long it is there in milliseconds, what it wants to hear on its channel, the epoch that it
-- has seen, and how many changes it has answers of. Answers with the epoch, and how many nodes are there.

local epoch = redis.call('GET', KEYS[1])
if not epoch then
    return redis.error_reply('FORGOTTEN there is no epoch')
end
local changes = KEYS[1] .. ':' .. ARGV[1]
if epoch == ARGV[4] and tonumber(redis.call('GET', changes) or '0') < tonumber(ARGV[5]) then
    -- It came back without what it had. No other node, and none that is new, is to go by it.
    redis.call('DEL', KEYS[1])
    return redis.error_reply('FORGOTTEN it has less than it had')
end
redis.call('INCR', changes)
-- A node that was away for longer is another one.
redis.call('PEXPIRE', changes, 2592000000)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
-- Five minutes longer than they are worth knowing, for nodes whose clock is behind.
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - 300000)
redis.call('PUBLISH', KEYS[4], ARGV[3])
return { epoch, redis.call('ZCARD', KEYS[2]) }
