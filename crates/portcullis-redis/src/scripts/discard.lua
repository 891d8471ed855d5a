-- Forgets an opaque token; whether there was one. KEYS: the epoch, the token. ARGV: epoch, now, the id, the prefix of the
-- tokens of a subject.

local subject = redis.call('HGET', KEYS[2], 'subject')
if not subject then
    return 0
end
redis.call('DEL', KEYS[2])
redis.call('ZREM', ARGV[4] .. subject, ARGV[3])
return 1
