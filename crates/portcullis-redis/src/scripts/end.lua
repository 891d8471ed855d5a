-- Ends a session, which need not be there, and revokes its access tokens. KEYS: the epoch, the family, what is revoked,
-- the channel. ARGV: epoch, now, the session, until when its tokens are revoked (milliseconds).

if redis.call('EXISTS', KEYS[2]) == 1 then
    redis.call('HSET', KEYS[2], 'ended', '1')
end
revoke(KEYS[3], KEYS[4], ARGV[3], ARGV[4])
return 1
