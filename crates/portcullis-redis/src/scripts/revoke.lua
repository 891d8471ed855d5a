-- KEYS: the epoch, what is revoked, the channel. ARGV: epoch, now, the id, until when (milliseconds).

revoke(KEYS[2], KEYS[3], ARGV[3], ARGV[4])
return 1
