-- SPDX-License-Identifier: MIT
-- The official client's tour of the emulator (tour.mjs), each of its checks as a test.

local emulator = require "support.emulator"
local sdk = require "conformance.sdk"

-- Reads TAP: a list of { name, passed, notes }, and the number of checks that were planned.
local function read_tap(output)
  local checks, planned = {}, nil
  for line in output:gmatch("[^\n]+") do
    local result, name = line:match("^(%l*%s?ok) %d+ %- (.*)$")
    if result then
      checks[#checks + 1] = { name = name, passed = result == "ok", notes = "" }
    elseif line:sub(1, 2) == "# " then
      local last = checks[#checks]
      last.notes = last.notes .. line:sub(3) .. "\n"
    else
      planned = tonumber(line:match("^1%.%.(%d+)$")) or planned
    end
  end
  return checks, planned
end

describe("the official client, on its tour of the emulator:", function()
  local ready, reason = sdk.ready()
  if not ready then
    pending("sees what its types promise (not run: " .. reason .. ")")
    return
  end

  local server = emulator.start()
  local output = sdk.run(("BOLTZ_BASE_URL=%s BOLTZ_API_KEY=%s node spec/conformance/tour.mjs 2>&1")
    :format(server.base_url, server.api_key))
  server:stop()
  local checks, planned = read_tap(output)

  for _, check in ipairs(checks) do
    it(check.name, function() assert(check.passed, check.notes) end)
  end

  it("gets to its end", function() assert.are.equal(planned, #checks, output) end)
end)
