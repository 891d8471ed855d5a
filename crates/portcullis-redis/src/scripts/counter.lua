-- What one key of one budget has counted, and the arithmetic of it. All numbers are whole and below 2^53, where a
-- number of Lua is exact; Rust chooses the measures so.
--
-- An entry has one record for each version of its budget that charged it lately, so that nodes of before and after a
-- changed policy count together, each by its own limits. Records are divided by `|`:
--
--   b version own worth pay tick most slow leased held expiry latest owed
--   w version own cut span most latest t1 c1 t2 c2 ...
--
-- `own` is when its own version charged it last: one that nobody goes by any more is dropped once it would be full.
--
-- A bucket owes `owed`, of which a unit is worth `worth`, and each tick of `tick` microseconds pays back
-- `pay - leased`; `most` is its largest burst in units, and `slow` how many microseconds a unit takes at the
-- slowest. Nodes that have shares hold `held` units of the burst, until `expiry` at the latest. A window has units by when the last of them was charged at the latest (`t`), and each counts for `span`. `cut`
-- is the length of the parts that times are rounded up to, and 0 where they are exact.

local floor, ceil, max, min = math.floor, math.ceil, math.max, math.min

-- Ten years in milliseconds, for which a key is kept at most.
local LONGEST = 315360000000

-- Longer than any wait.
local NEVER = 9007199254740991

-- The quotient of whole numbers, rounded down. The division itself may be off by one.
local function over(amount, by)
    local quotient = floor(amount / by)
    if quotient * by > amount then
        quotient = quotient - 1
    end
    return quotient
end

local function over_up(amount, by)
    local quotient = over(amount, by)
    if quotient * by < amount then
        quotient = quotient + 1
    end
    return quotient
end

-- An amount in units times one worth, in units times another; rounded up.
local function measured(amount, old, new)
    if old == new or amount == 0 then
        return amount
    end
    local units = over(amount, old)
    return units * new + ceil((amount - units * old) / old * new)
end

local function whole(number)
    return string.format('%.0f', number)
end

local function read(text)
    local records = {}
    for part in string.gmatch(text or '', '[^|]+') do
        local words = {}
        for word in string.gmatch(part, '%S+') do
            words[#words + 1] = word
        end
        local record
        if words[1] == 'b' then
            record = {
                kind = 'b', version = words[2], own = tonumber(words[3]), worth = tonumber(words[4]),
                pay = tonumber(words[5]), tick = tonumber(words[6]), most = tonumber(words[7]),
                slow = tonumber(words[8]), leased = tonumber(words[9]), held = tonumber(words[10]),
                expiry = tonumber(words[11]), latest = tonumber(words[12]), owed = tonumber(words[13]),
            }
        else
            record = {
                kind = 'w', version = words[2], own = tonumber(words[3]), cut = tonumber(words[4]),
                span = tonumber(words[5]), most = tonumber(words[6]), latest = tonumber(words[7]),
                times = {}, counts = {},
            }
            for at = 8, #words, 2 do
                record.times[#record.times + 1] = tonumber(words[at])
                record.counts[#record.counts + 1] = tonumber(words[at + 1])
            end
        end
        records[#records + 1] = record
    end
    return records
end

-- Lets a bucket pay back what it can by now. A clock that ran back finds it as it was.
local function pay_at(record, now, rate)
    if now <= record.latest then
        return
    end
    local ticks = over(now - record.latest, record.tick)
    -- Where the product is not exact it is larger than all that can be owed.
    if ticks * rate >= record.owed then
        record.owed = 0
        record.latest = now
    else
        record.owed = record.owed - ticks * rate
        record.latest = record.latest + ticks * record.tick
    end
end

-- What is leased is not paid back here, until all leases are over by age; then what was held may just have been used.
local function pay_back(record, now)
    if record.leased + record.held > 0 and now >= record.expiry then
        pay_at(record, record.expiry, max(0, record.pay - record.leased))
        record.owed = record.owed + record.held * record.worth
        record.leased, record.held = 0, 0
    end
    pay_at(record, now, max(0, record.pay - record.leased))
end

-- How many units count in a record now.
local function used(record, now)
    if record.kind == 'b' then
        pay_back(record, now)
        return over_up(record.owed, record.worth)
    end
    local units = 0
    for at, time in ipairs(record.times) do
        if time + record.span > now then
            units = units + record.counts[at]
        end
    end
    return units
end

local function add_to_window(record, units, now)
    local time = max(now, record.latest)
    record.latest = time
    if record.cut > 0 then
        time = (over(time, record.cut) + 1) * record.cut
    end
    local times, counts = {}, {}
    for at, known in ipairs(record.times) do
        if known + record.span > record.latest then
            times[#times + 1] = known
            counts[#counts + 1] = record.counts[at]
        end
    end
    if units > 0 then
        if times[#times] == time then
            counts[#counts] = counts[#counts] + units
        else
            times[#times + 1] = time
            counts[#counts + 1] = units
        end
    end
    record.times, record.counts = times, counts
end

-- Charges the record of another version: it may have less than that left, and is drained then.
local function charge_other(record, units, now)
    if record.kind == 'b' then
        pay_back(record, now)
        local most = max(record.owed, record.most * record.worth)
        record.owed = min(record.owed + units * record.worth, most)
        return
    end
    add_to_window(record, min(units, max(0, record.most - used(record, now))), now)
end

-- The record of the asker's own version. A new one begins with what the others have counted, as far as it has room.
local function own_record(records, charge, now)
    for _, record in ipairs(records) do
        if record.version == charge.version then
            record.own = max(record.own, now)
            if record.kind == 'b' then
                record.owed = measured(record.owed, record.worth, charge.worth)
                record.worth = charge.worth
                record.pay, record.tick = charge.pay, charge.tick
                record.most, record.slow = charge.most, charge.slow
            end
            return record
        end
    end
    local known, like, shared = 0, nil, nil
    for _, record in ipairs(records) do
        local its = used(record, now)
        if record.kind == 'b' and record.leased + record.held > 0 then
            shared = record
        end
        if its >= known then
            known, like = its, record
        end
    end
    local record
    if charge.kind == 'b' then
        record = {
            kind = 'b', version = charge.version, own = now, worth = charge.worth, pay = charge.pay,
            tick = charge.tick, most = charge.most, slow = charge.slow, leased = 0, held = 0, expiry = 0,
            latest = now, owed = min(known, charge.most) * charge.worth,
        }
        if shared then
            -- Nodes of the version before still have shares, until then.
            record.leased, record.expiry = min(shared.leased, record.pay), shared.expiry
            record.held = min(shared.held, record.most)
        end
    else
        record = {
            kind = 'w', version = charge.version, own = now, cut = charge.cut, span = charge.span,
            most = charge.most, latest = now, times = {}, counts = {},
        }
        if like and like.kind == 'w' then
            -- When each was charged is known: the oldest, which cease first, as far as there is room.
            local room = charge.most
            for at, time in ipairs(like.times) do
                local units = min(room, like.counts[at])
                if units > 0 and time + charge.span > now then
                    record.times[#record.times + 1] = time
                    record.counts[#record.counts + 1] = units
                    room = room - units
                end
            end
            record.latest = max(now, like.latest)
        else
            add_to_window(record, min(known, charge.most), now)
        end
    end
    records[#records + 1] = record
    return record
end

-- In how many microseconds so many units can be charged, if none is in between; 0 where they can be now. They are
-- no more than the record ever has.
local function wait_for(record, charge, units, now)
    if record.kind == 'b' then
        pay_back(record, now)
        if units > charge.burst - record.held then
            -- Others have a part of it until then.
            return max(1, record.expiry - now)
        end
        local excess = record.owed - (charge.burst - record.held - units) * record.worth
        if excess <= 0 then
            return 0
        end
        local rate = max(1, record.pay - record.leased)
        return min(NEVER - 1, max(0, record.latest + over_up(excess, rate) * record.tick - now))
    end
    local excess = used(record, now) - (charge.limit - units)
    if excess <= 0 then
        return 0
    end
    for at, time in ipairs(record.times) do
        if time + record.span > now then
            excess = excess - record.counts[at]
            if excess <= 0 then
                return time + record.span - now
            end
        end
    end
    return record.span
end

local function remaining(record, charge, now)
    if record.kind == 'b' then
        pay_back(record, now)
        return max(0, over((charge.burst - record.held) * record.worth - record.owed, record.worth))
    end
    return max(0, charge.limit - used(record, now))
end

local function add(record, units, now)
    if record.kind == 'b' then
        pay_back(record, now)
        record.owed = record.owed + units * record.worth
    else
        add_to_window(record, units, now)
    end
end

-- Writes an entry, without the records of which nothing counts any more. It is gone by itself when that is so of all.
local function write(key, records, now)
    local texts, lasts = {}, 0
    for _, record in ipairs(records) do
        local fills = record.kind == 'b' and record.most * record.slow or record.span
        local gone_by = record.own + fills > now
        if gone_by and used(record, now) > 0 or (record.kind == 'b' and record.leased + record.held > 0) then
            local words
            if record.kind == 'b' then
                words = {
                    'b', record.version, whole(record.own), whole(record.worth), whole(record.pay), whole(record.tick),
                    whole(record.most), whole(record.slow), whole(record.leased), whole(record.held),
                    whole(record.expiry), whole(record.latest), whole(record.owed),
                }
                local units = over_up(record.owed, record.worth)
                lasts = max(lasts, record.latest - now + units * record.slow)
                lasts = max(lasts, record.expiry - now + record.most * record.slow)
            else
                words = {
                    'w', record.version, whole(record.own), whole(record.cut), whole(record.span), whole(record.most),
                    whole(record.latest),
                }
                for at, time in ipairs(record.times) do
                    if record.counts[at] > 0 and time + record.span > now then
                        words[#words + 1] = whole(time)
                        words[#words + 1] = whole(record.counts[at])
                        lasts = max(lasts, time + record.span - now)
                    end
                end
            end
            texts[#texts + 1] = table.concat(words, ' ')
        end
    end
    if #texts == 0 then
        redis.call('DEL', key)
    else
        redis.call('SET', key, table.concat(texts, '|'), 'PX', whole(min(LONGEST, ceil(lasts / 1000) + 1000)))
    end
end

-- Reads the numbers of one charge out of ARGV.
local WORDS = 11
local function charge_at(at)
    return {
        kind = ARGV[at], version = ARGV[at + 1], units = tonumber(ARGV[at + 2]),
        limit = tonumber(ARGV[at + 3]), burst = tonumber(ARGV[at + 4]), most = tonumber(ARGV[at + 5]),
        worth = tonumber(ARGV[at + 6]), pay = tonumber(ARGV[at + 7]), tick = tonumber(ARGV[at + 8]),
        slow = tonumber(ARGV[at + 9]), told = ARGV[at + 10] == '1',
        -- Of a window: the same places.
        cut = tonumber(ARGV[at + 6]), span = tonumber(ARGV[at + 7]),
    }
end
