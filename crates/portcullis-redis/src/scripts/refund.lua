-- Gives back what was charged at ARGV[3], as far as it has not come back by itself; never more. KEYS as for a charge.
-- Behind the numbers of each charge stand worth, pay and tick of the rate at which the budget fills fastest.

local now = clock(ARGV[2])
local charged_at = tonumber(ARGV[3])
for at = 2, #KEYS do
    local first = 4 + (at - 2) * (WORDS + 3)
    local charge = charge_at(first)
    local records = read(redis.call('GET', KEYS[at]))
    for _, record in ipairs(records) do
        -- Those of other versions keep it: they are stricter for it, and not for long.
        if record.version == charge.version then
            if record.kind == 'b' then
                own_record(records, charge, now)
                local worth = tonumber(ARGV[first + WORDS])
                local pay = tonumber(ARGV[first + WORDS + 1])
                local tick = tonumber(ARGV[first + WORDS + 2])
                local ticks = over_up(max(0, record.latest - charged_at), tick)
                local back = measured(ticks * pay, worth, record.worth)
                record.owed = max(0, record.owed - max(0, charge.units * record.worth - back))
            else
                -- A clock that ran back has charged later than it says: the first from then on are those that cease
                -- to count first.
                local from = charged_at
                if record.cut > 0 then
                    from = (over(charged_at, record.cut) + 1) * record.cut
                end
                local left = charge.units
                for place, time in ipairs(record.times) do
                    if left > 0 and time >= from and from + record.span > record.latest then
                        local taken = min(left, record.counts[place])
                        record.counts[place] = record.counts[place] - taken
                        left = left - taken
                    end
                end
            end
            write(KEYS[at], records, now)
            break
        end
    end
end
return 1
