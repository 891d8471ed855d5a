-- Charges all of a request's budgets, or none. KEYS: the epoch, then the entry of each charge. Answers with whether all
-- were charged, the place of the first that had not enough, the wait in microseconds, the time, and for each that is to
-- be told what remains and in how many microseconds there is one more (-1 where all is there).

local now = clock(ARGV[2])
local entries, charges = {}, {}
local first, wait = -1, 0
for at = 2, #KEYS do
    local key = KEYS[at]
    local entry = entries[key]
    if not entry then
        entry = { records = read(redis.call('GET', key)), taken = 0 }
        entries[key] = entry
    end
    local charge = charge_at(3 + (at - 2) * WORDS)
    local record = own_record(entry.records, charge, now)
    -- Two charges of one request may be to one entry: the second finds the first taken.
    local all = charge.kind == 'b' and charge.burst or charge.limit
    local needed = min(charge.units + entry.taken, all)
    local waits = wait_for(record, charge, needed, now)
    if charge.units + entry.taken > all then
        waits = NEVER
    end
    if waits > 0 then
        if first < 0 then
            first = at - 2
        end
        wait = max(wait, waits)
    end
    entry.taken = entry.taken + charge.units
    charges[#charges + 1] = { key = key, charge = charge, record = record, entry = entry }
end

if first < 0 then
    for _, each in ipairs(charges) do
        add(each.record, each.charge.units, now)
        for _, other in ipairs(each.entry.records) do
            if other ~= each.record then
                charge_other(other, each.charge.units, now)
            end
        end
    end
    for key, entry in pairs(entries) do
        write(key, entry.records, now)
    end
end

local answer = { first < 0 and 1 or 0, first, whole(wait), whole(now) }
for _, each in ipairs(charges) do
    if each.charge.told then
        local left = remaining(each.record, each.charge, now)
        local all = each.charge.kind == 'b' and each.charge.burst or each.charge.limit
        local reset = -1
        if left < all then
            reset = wait_for(each.record, each.charge, left + 1, now)
        end
        answer[#answer + 1] = whole(left)
        answer[#answer + 1] = whole(reset)
    end
end
return answer
