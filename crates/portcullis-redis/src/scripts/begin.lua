-- Keeps a family. KEYS: the epoch, the family, the sessions of its subject. ARGV: epoch, now, the session, the family,
-- how long it lasts in milliseconds, the prefix of the sessions of a subject, the subject.

local now = clock(ARGV[2])
local before = redis.call('HGET', KEYS[2], 'subject')
if before and before ~= ARGV[7] then
    redis.call('ZREM', ARGV[6] .. before, ARGV[3])
end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], 'family', ARGV[4], 'subject', ARGV[7])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
index(KEYS[3], ARGV[3], now, ARGV[5])
return 1
