-- wrk: receives messages and deletes each of them, with the two requests of BENCH_CORPUS (as in
-- replay.lua): a ReceiveMessage of one message, and a DeleteMessage whose handle is "HANDLE". Writes
-- one JSON line to BENCH_OUT; a request is one of the two, so a pair is two of them.
local receive, before, after
local handles, first, last = {}, 1, 0
local empty = 0

function init()
  local file = assert(io.open(os.getenv("BENCH_CORPUS"), "rb"))
  receive = file:read(tonumber(file:read("*l")))
  local delete = file:read(tonumber(file:read("*l")))
  file:close()
  before, after = delete:match("^(.*)HANDLE(.*)$")
end

function request()
  if first > last then return receive end
  local handle = handles[first]
  handles[first] = nil
  first = first + 1
  return before .. handle .. after
end

function response(_, _, body)
  local handle = body:match('"ReceiptHandle":"([^"]+)"')
  if handle then
    last = last + 1
    handles[last] = handle
  elseif body:find('Messages') or body == "{}" then
    empty = empty + 1
  end
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
