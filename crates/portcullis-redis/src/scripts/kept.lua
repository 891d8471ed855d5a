-- The opaque tokens of a subject: id, token and when it was last used, of each. KEYS: the epoch, the tokens of the
-- subject. ARGV: epoch, now, the prefix of tokens.

local answer = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    local token = redis.call('HMGET', ARGV[3] .. id, 'token', 'used')
    if token[1] then
        answer[#answer + 1] = { id, token[1], token[2] }
    else
        redis.call('ZREM', KEYS[2], id)
    end
end
return answer
