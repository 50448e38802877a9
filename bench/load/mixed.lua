-- Many users and their dashboards, as drawn: a file with a Cookie header and an address a line, after
-- a first line with the share of requests for what nobody asked for before (each so-many-th).
-- Arguments: the file, the number of periods that were used up already.

local DAY, FIRST = 86400, os.time({ year = 1980, month = 1, day = 1, hour = 12 })
local drawn, made, every, used, turn = {}, {}, 0, 0, 0

init = function(arguments)
  local lines = io.lines(arguments[1])
  every, used = tonumber(lines()), tonumber(arguments[2])
  for line in lines do
    local cookie, path = line:match("^(.-)\t(.*)$")
    local headers = { Cookie = cookie }
    for name, value in pairs(wrk.headers) do
      headers[name] = value
    end
    drawn[#drawn + 1] = { headers, path }
    made[#made + 1] = wrk.format(nil, path, headers)
  end
end

local function date(day)
  return os.date("!%Y-%m-%d", FIRST + day * DAY)
end

local function fresh(headers, path)
  local start, length = math.floor(used / 900), used % 900
  used = used + 1
  local before, between, after = path:match("^(.*startDate=)[%d-]+(.*endDate=)[%d-]+(.*)$")
  return wrk.format(nil, before .. date(start) .. between .. date(start + length) .. after, headers)
end

request = function()
  turn = turn + 1
  local place = turn % #drawn + 1
  if turn % every == 0 then
    return fresh(drawn[place][1], drawn[place][2])
  end
  return made[place]
end
