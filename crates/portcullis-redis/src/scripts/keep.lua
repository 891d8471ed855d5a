-- Keeps an opaque token. KEYS: the epoch, the token, the tokens of its subject. ARGV: epoch, now, the id, the token, how
-- long it lasts in milliseconds (0: for ever), the prefix of the tokens of a subject, the subject.

local now = clock(ARGV[2])
local before = redis.call('HGET', KEYS[2], 'subject')
if before and before ~= ARGV[7] then
    redis.call('ZREM', ARGV[6] .. before, ARGV[3])
end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], 'token', ARGV[4], 'subject', ARGV[7])
if ARGV[5] ~= '0' then
    redis.call('PEXPIRE', KEYS[2], ARGV[5])
end
index(KEYS[3], ARGV[3], now, ARGV[5])
return 1
