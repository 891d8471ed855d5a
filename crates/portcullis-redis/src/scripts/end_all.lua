-- Ends some of the sessions of a subject: how many there may be beyond, and which were ended. KEYS: the epoch, the sessions
-- of the subject, what is revoked, the channel. ARGV: epoch, now, the prefix of families, until when their tokens are
-- revoked (milliseconds), and how many at once: everybody waits for a script.

local answer = { 0 }
for _, session in ipairs(redis.call('ZRANGE', KEYS[2], 0, ARGV[5] - 1)) do
    local family = ARGV[3] .. session
    if redis.call('EXISTS', family) == 1 and not redis.call('HGET', family, 'ended') then
        redis.call('HSET', family, 'ended', '1')
        revoke(KEYS[3], KEYS[4], session, ARGV[4])
        answer[#answer + 1] = session
    end
    redis.call('ZREM', KEYS[2], session)
end
answer[1] = redis.call('ZCARD', KEYS[2])
return answer
