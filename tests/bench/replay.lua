-- wrk: replays the requests of BENCH_CORPUS (a length and a newline before each) round robin, and
-- writes one JSON line of results to BENCH_OUT.
local requests, at = {}, 0

function init()
  local file = assert(io.open(os.getenv("BENCH_CORPUS"), "rb"))
  for length in function() return file:read("*l") end do
    requests[#requests + 1] = file:read(tonumber(length))
  end
  file:close()
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  local file = assert(io.open(os.getenv("BENCH_OUT"), "w"))
  file:write(string.format(
    '{"requests":%d,"us":%d,"p50_us":%d,"p99_us":%d,"errors":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
  file:close()
end
