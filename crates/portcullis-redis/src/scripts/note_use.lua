-- Notes when an opaque token was used, if it is still there. KEYS: the epoch, the token. ARGV: epoch, now, when.

if redis.call('EXISTS', KEYS[2]) == 1 then
    redis.call('HSET', KEYS[2], 'used', ARGV[3])
end
return 1
