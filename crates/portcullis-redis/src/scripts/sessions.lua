-- What the scripts of sessions and tokens share.

-- Remembers that an id was revoked until then (milliseconds), or longer where it was for longer already, and tells
-- every node.
local function revoke(revoked, channel, id, till)
    local known = redis.call('ZSCORE', revoked, id)
    if not known or tonumber(known) < tonumber(till) then
        redis.call('ZADD', revoked, till, id)
    end
    redis.call('PUBLISH', channel, id)
end

-- Adds a session or a token to those of its subject, and drops those that are gone. `lasts` is in milliseconds; 0 is
-- for ever.
local function index(key, id, now, lasts)
    redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. string.format('%.0f', now / 1000))
    local forever = tonumber(lasts) == 0
    redis.call('ZADD', key, forever and '+inf' or string.format('%.0f', now / 1000 + lasts), id)
    local left = redis.call('PTTL', key)
    if forever then
        redis.call('PERSIST', key)
    elseif left == -1 and redis.call('ZCARD', key) == 1 or left >= 0 and left < tonumber(lasts) then
        redis.call('PEXPIRE', key, lasts)
    end
end
