-- Gives a node a share of a bucket for a while: a part of its rate, at which nobody else is paid back meanwhile, and a
-- part of its burst, which nobody else has meanwhile and which counts as used when the share is over. So all nodes
-- together never have more than the bucket.
--
-- KEYS: the epoch, the entry, the holders of shares, and when each ceases to hold. ARGV: epoch, now, the numbers of
-- a charge, the node, how much it wants (units per period), how much it goes by now, for how long (microseconds), and how
-- much it wants at once. Answers with its share, what it has at once, and 0 or 1.

local now = clock(ARGV[2])
local charge = charge_at(3)
local at = 3 + WORDS
local node, wanted, have = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
local lasts, burst = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
local question = tonumber(ARGV[at + 5])
local holders, expiries = KEYS[3], KEYS[4]

-- One that comes later than a newer one says nothing any more.
local last = string.match(redis.call('HGET', holders, node) or '', ' (%d+)$')
if last and tonumber(last) >= question then
    return { 0, 0 }
end

local records = read(redis.call('GET', KEYS[2]))
local record = own_record(records, charge, now)
-- At the rate of until now.
pay_back(record, now)

-- Of all: what is reserved, what is wanted, and what is held.
local sums = redis.call('HMGET', holders, '=reserved', '=wanted', '=held')
local reserved, all_wanted = tonumber(sums[1] or '0'), tonumber(sums[2] or '0')
local held = tonumber(sums[3] or '0')

-- Takes a node off the sums: what it has reserved, was granted last, and holds.
local function take_off(name)
    local text = redis.call('HGET', holders, name)
    if not text then
        return 0, 0, 0
    end
    local its, granted, its_wanted, holds = string.match(text, '^(%d+) (%d+) (%d+) (%d+) %d+$')
    reserved = reserved - tonumber(its)
    all_wanted = all_wanted - tonumber(its_wanted)
    held = held - tonumber(holds)
    return tonumber(its), tonumber(granted), tonumber(holds)
end

-- Whoever had this may just have used it. Where all leases are over by age, that has been counted.
local function give_up(units)
    if record.held > 0 then
        add(record, units, now)
        record.held = max(0, record.held - units)
    end
end

for _, gone in ipairs(redis.call('ZRANGEBYSCORE', expiries, '-inf', whole(now))) do
    local _, _, holds = take_off(gone)
    give_up(holds)
    redis.call('HDEL', holders, gone)
    redis.call('ZREM', expiries, gone)
end
local its, granted_last, at_once = take_off(node)
if its > 0 and have == granted_last then
    -- It has heard what it was granted, and goes by it.
    its = granted_last
end
if have == 0 then
    give_up(at_once)
    its, at_once = 0, 0
end

-- A part is left for nodes that have no share.
local most = over(charge.limit * 98, 100)
local share = wanted
if all_wanted + wanted > most then
    share = over(most, 1) * (wanted / (all_wanted + wanted))
    share = floor(share)
end
share = max(0, min(share, most - reserved))
if #records > 1 then
    -- Nodes of another version of the budget do not count these shares.
    share = 0
end

if share > 0 and at_once < burst then
    -- Half of what there is stays for those that come later.
    -- And half of the burst for what costs much.
    local more = min(burst - at_once, floor(remaining(record, charge, now) / 2), floor(charge.burst / 2) - held - at_once)
    more = max(0, more)
    for _, other in ipairs(records) do
        if other ~= record then
            charge_other(other, more, now)
        end
    end
    at_once = at_once + more
end
if at_once < 1 then
    share = 0
end

-- Until it has heard of a smaller share it goes by the larger one.
its = max(its, share)
if wanted > 0 then
    local words = { whole(its), whole(share), whole(wanted), whole(at_once), whole(question) }
    redis.call('HSET', holders, node, table.concat(words, ' '))
    redis.call('ZADD', expiries, whole(now + lasts), node)
else
    give_up(at_once)
    its, at_once = 0, 0
    redis.call('HDEL', holders, node)
    redis.call('ZREM', expiries, node)
end
reserved, held = reserved + its, held + at_once
redis.call('HSET', holders, '=reserved', whole(reserved), '=wanted', whole(all_wanted + wanted), '=held', whole(held))
local keep = whole(ceil(lasts / 1000) + 60000)
redis.call('PEXPIRE', holders, keep)
redis.call('PEXPIRE', expiries, keep)
record.leased, record.held = reserved, held
record.expiry = max(record.expiry, now + lasts)
write(KEYS[2], records, now)
return { share, share > 0 and at_once or 0 }
