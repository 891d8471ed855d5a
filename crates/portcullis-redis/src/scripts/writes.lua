-- Comes before every script that changes something: how many of these this node has run. It counts those that it has an
-- answer of by itself, and so finds out when Redis came back with fewer.
redis.call('INCR', KEYS[1] .. ':' .. me)
