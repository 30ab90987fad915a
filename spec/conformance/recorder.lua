-- SPDX-License-Identifier: MIT
-- Starts and stops recorder.mjs. A pipe of Lua goes one way only: this one is the recorder's
-- standard input, so that it ends when the pipe does, even with a Lua that was killed. Its address
-- comes through a FIFO.

local sdk = require "conformance.sdk"

local Recorder = {}
Recorder.__index = Recorder

--- Returns when the recorder listens.
-- @treturn Recorder with `base_url`
function Recorder.start()
  local fifo = os.tmpname()
  os.remove(fifo)
  local output, status = sdk.run("mkfifo -m 600 " .. fifo .. " 2>&1")
  assert(status == 0, output)
  local pipe = assert(io.popen("exec node spec/conformance/recorder.mjs >" .. fifo, "w"))
  local reader = assert(io.open(fifo))
  local base_url = reader:read("*l")
  reader:close()
  os.remove(fifo)
  assert(base_url, "the recorder did not start")
  return setmetatable({ base_url = base_url, _pipe = pipe }, Recorder)
end

function Recorder:stop()
  self._pipe:close()
end

return Recorder
