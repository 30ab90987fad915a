-- SPDX-License-Identifier: MIT
-- What lookup.c runs: transfers that wait for a name, and a program that is started meanwhile.

local core = require "boltz.core"

local LOOKUPS = 3

local function inherited()
  local pipe = assert(io.popen "ls -l /proc/self/fd | grep -c -e socket: -e anon_inode:")
  local count = pipe:read("n")
  pipe:close()
  return count
end

local function descriptors()
  local pipe = assert(io.popen "ls /proc/$PPID/fd | wc -l")
  local count = pipe:read("n")
  pipe:close()
  return count
end

local function start(engine)
  return engine:start { method = "GET", url = "http://a.name/", headers = {}, timeout = 60,
    max_response_bytes = 1000, no_proxy = "*" }
end

local function finish(engine, transfer, answer)
  while not transfer:done() do
    answer()
    engine:step(0.1)
  end
  assert(transfer:result().failure == "connection", transfer:result().message)
end

return function(answer)
  local before, engine = inherited(), core.engine()
  engine:pollfd()
  finish(engine, start(engine), answer) -- what libcurl opens once is open now
  local open = descriptors()
  local transfers, holes = {}, {}
  for i = 1, 2 * LOOKUPS do holes[i] = io.open("/dev/null") end
  for i = 1, 2 * LOOKUPS, 2 do holes[i]:close() end -- the ends of a pair are no neighbours
  for i = 1, LOOKUPS do transfers[i] = start(engine) end
  local pairs_open = descriptors() - open - LOOKUPS
  local seen = inherited() - before
  transfers[1]:cancel()
  local seen_later = inherited() - before
  for i = 2, LOOKUPS do finish(engine, transfers[i], answer) end
  for _ = 1, 2 * LOOKUPS do answer() end
  for _, file in ipairs(holes) do
    if io.type(file) == "file" then file:close() end
  end
  engine:close()
  print(("of %d descriptors of %d lookups a child inherits %d, and later %d")
    :format(pairs_open, LOOKUPS, seen, seen_later))
end
