-- What is known of the credentials of a request. KEYS: the epoch, what is revoked, then the token and the family
-- that are asked for. ARGV: epoch, now, 1 or 0 for token and family, then the ids that may be revoked.

local now = clock(ARGV[2])
local revoked = 0
for at = 5, #ARGV do
    if redis.call('ZSCORE', KEYS[2], ARGV[at]) then
        revoked = 1
    end
end
local answer = { revoked, string.format('%.0f', now), false, false, false, false }
local next_key = 3
if ARGV[3] == '1' then
    local token = redis.call('HMGET', KEYS[next_key], 'token', 'used')
    answer[3], answer[4] = token[1], token[2]
    next_key = next_key + 1
end
if ARGV[4] == '1' then
    local family = redis.call('HMGET', KEYS[next_key], 'family', 'ended')
    answer[5], answer[6] = family[1], family[2]
end
return answer
