-- The address of the command line, each time with a period that nobody asked for before: at most
-- 900 days from 1980 on. The argument is the number of periods that were used up already.

local DAY, FIRST = 86400, os.time({ year = 1980, month = 1, day = 1, hour = 12 })
local used, before, between, after

init = function(arguments)
  used = tonumber(arguments[1])
  before, between, after = wrk.path:match("^(.*startDate=)[%d-]+(.*endDate=)[%d-]+(.*)$")
end

local function date(day)
  return os.date("!%Y-%m-%d", FIRST + day * DAY)
end

request = function()
  local start, length = math.floor(used / 900), used % 900
  used = used + 1
  return wrk.format(nil, before .. date(start) .. between .. date(start + length) .. after)
end
