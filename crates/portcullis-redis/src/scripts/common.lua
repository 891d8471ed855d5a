-- Comes before every script. KEYS[1] is the epoch's key, ARGV[1] the epoch that this node knows and the node, and ARGV[2]
-- the time in microseconds, or nothing for the server's own.

local function clock(given)
    if given ~= '' then
        return tonumber(given)
    end
    local time = redis.call('TIME')
    return time[1] * 1000000 + time[2]
end

-- Whoever has forgotten the epoch may have forgotten anything else.
local known, me = string.match(ARGV[1], '^(%S+) (%S+)$')
if redis.call('GET', KEYS[1]) ~= known then
    return redis.error_reply('FORGOTTEN another epoch, or none')
end
