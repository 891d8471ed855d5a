-- Charges what a node admitted by itself while it was away from here: as much of it as there is. KEYS and ARGV as for a
-- charge.

local now = clock(ARGV[2])
for at = 2, #KEYS do
    local charge = charge_at(3 + (at - 2) * WORDS)
    local records = read(redis.call('GET', KEYS[at]))
    own_record(records, charge, now)
    for _, record in ipairs(records) do
        charge_other(record, charge.units, now)
    end
    write(KEYS[at], records, now)
end
return 1
