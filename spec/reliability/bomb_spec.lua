-- SPDX-License-Identifier: MIT
-- Answers that grow: the memory of a process that receives them stays bounded. Under valgrind and
-- AddressSanitizer, which keep what is freed, it says nothing.

local child = require "support.child"
local matrix = require "reliability.matrix"
local wire = require "support.wire"

local LIMIT = 4 * 1024 * 1024 -- bytes, of max_response_bytes

local SCRIPT = ([[
  local function peak()
    local file = io.open("/proc/self/status")
    local text = file and file:read("*a") or ""
    if file then file:close() end
    return text:match("VmHWM:%%s*(%%d+) kB") or "unknown"
  end
  local client = require("boltz").new { max_retries = 0, max_response_bytes = %d }
  client.workspaces:retrieve("first") -- what a first call needs is no part of the answer's
  local before = peak()
  local _, err = client.workspaces:retrieve("ws_1")
  io.write(before, " ", peak(), " ", err.kind, " ", err.message)
]]):format(LIMIT)

if os.getenv("BOLTZ_UNDER") then return end

describe("an answer beyond max_response_bytes", function()
  after_each(wire.stop_all)

  local function fault_of(name)
    for _, case in ipairs(matrix) do
      if case.name == name then return case.each end
    end
  end

  -- What becomes of a second answer, and by how many bytes the process has grown meanwhile: nil if
  -- that cannot be told.
  local function outcome_of(fault)
    local server = wire.start(([[
      local calls = 0
      serve(function(c)
        calls = calls + 1
        if calls == 1 then c:request() c:send(answer("{}", "Connection: close\r\n")) return end
        %s
      end)
    ]]):format(fault))
    local output = child.run(SCRIPT,
      { BOLTZ_API_KEY = ("k"):rep(40), BOLTZ_BASE_URL = server.url })
    local before, after, rest = output:match("^(%S+) (%S+) (.*)$")
    local grown = tonumber(after) and (tonumber(after) - tonumber(before)) * 1024
    return rest or output, grown
  end

  local function check(pattern, fault)
    local rest, grown = outcome_of(fault)
    assert.matches(pattern, rest)
    if not grown then return pending("this system has no /proc/self/status") end
    assert.is_true(grown < 8 * LIMIT, ("%d bytes"):format(grown))
  end

  for _, name in ipairs { "10 MiB of gzip that hold 10 GiB", "the body never ends",
    "headers never end", "100 Continue without end" } do
    it("takes no more memory than a few times that: " .. name, function()
      check("^invalid_response the answer.* larger than", fault_of(name))
    end)
  end

  it("takes no more where it is a failure that is compressed, and keeps its kind", function()
    local fault = fault_of "10 MiB of gzip that hold 10 GiB"
    for status, kind in pairs { ["502 No"] = "internal_server", ["404 No"] = "not_found" } do
      local answer, count = fault:gsub("200 OK", status)
      assert.equal(1, count)
      check("^" .. kind .. " the server answered ", answer)
    end
  end)

  -- As Lua tables these would take 64 bytes each, and more with the list that they are in.
  it("takes no more where it is as large as it may be, and full of values", function()
    check("^invalid_response the answer has more than 65536 JSON values",
      ('c:request() c:send(answer("[" .. ("[],"):rep(%d) .. "[]]"))')
        :format(math.floor(LIMIT / 3) - 2))
  end)
end)
