-- Trades refresh tokens in: each answer brings the token of a later request. wrk ... -s rotation.lua URL -- FILE BEFORE AFTER FIELD
-- The body is BEFORE, the token, AFTER; the next token is the answer's member FIELD.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  pool, first, asked, before, after = {}, 1, 0, args[2], args[3]
  pattern = '"' .. args[4] .. '":%s*"([^"]+)"'
  for token in io.lines(args[1]) do pool[#pool + 1] = token end
  last = #pool
  wrk.headers["Content-Type"] = "application/json"
end

-- The token that has waited longest goes first.
function request()
  asked = asked + 1
  local token = pool[first] or ""
  pool[first] = nil
  if first <= last then first = first + 1 end
  return wrk.format("POST", nil, nil, before .. token .. after)
end

function response(status, headers, body)
  local token = body:match(pattern)
  if not token then return end
  last = last + 1
  pool[last] = token
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format("measured %d %d %d %d %d %d %d %d %d\n", summary.requests, summary.duration, e.status, e.connect, e.read,
    e.write, e.timeout, latency:percentile(99), threads[1]:get("asked")))
end
