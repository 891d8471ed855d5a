-- Puts a family in the place of the one that was looked at, unless another came between; whether it did. Where that
-- ends the session, its access tokens are revoked. KEYS: the epoch, the family, what is revoked, the channel, the
-- sessions of its subject. ARGV: epoch, now, the session, the family before, the family, how long it lasts in
-- milliseconds, 1 where it ends, and until when its tokens are revoked.

local now = clock(ARGV[2])
local before = redis.call('HMGET', KEYS[2], 'family', 'ended')
if before[1] ~= ARGV[4] or before[2] then
    return 0
end
redis.call('HSET', KEYS[2], 'family', ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[6])
index(KEYS[5], ARGV[3], now, ARGV[6])
if ARGV[7] == '1' then
    redis.call('HSET', KEYS[2], 'ended', '1')
    revoke(KEYS[3], KEYS[4], ARGV[3], ARGV[8])
end
return 1
