-- Asks with the tokens of a file in turn: wrk ... -s tokens.lua URL -- FILE
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  requests, asked = {}, 0
  for token in io.lines(args[1]) do
    local headers = { Authorization = "Bearer " .. token }
    for name, value in pairs(wrk.headers) do headers[name] = value end
    requests[#requests + 1] = wrk.format("GET", nil, headers)
  end
  count = #requests
end

function request()
  asked = asked + 1
  return requests[(asked - 1) % count + 1]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format("measured %d %d %d %d %d %d %d %d %d\n", summary.requests, summary.duration, e.status, e.connect, e.read,
    e.write, e.timeout, latency:percentile(99), threads[1]:get("asked")))
end
