-- Ends all sessions of a subject; which that were. KEYS: the epoch, the sessions of the subject, what is revoked, the
-- channel. ARGV: epoch, now, the prefix of families, until when their tokens are revoked (milliseconds).

local ended = {}
for _, session in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    local family = ARGV[3] .. session
    if redis.call('EXISTS', family) == 1 and not redis.call('HGET', family, 'ended') then
        redis.call('HSET', family, 'ended', '1')
        revoke(KEYS[3], KEYS[4], session, ARGV[4])
        ended[#ended + 1] = session
    end
end
return ended
