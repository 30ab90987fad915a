-- SPDX-License-Identifier: MIT
local duration = require "boltz.request.duration"

describe("a duration", function()
  it("is readable with a unit", function()
    local CASES = {
      [0] = "0 ms", [0.00004] = "0 ms", [0.000812] = "0.8 ms", [0.00996] = "10 ms",
      [0.4321] = "432 ms", [0.9994] = "999 ms", [0.9996] = "1 s", [1] = "1 s", [1.2345] = "1.2 s",
      [60] = "60 s", [59.96] = "60 s", [123.4] = "123 s", [86400] = "86400 s",
    }
    for seconds, text in pairs(CASES) do assert.are.equal(text, duration.readable(seconds)) end
  end)

  it("has seconds to the millisecond, and no fraction that is 0", function()
    local CASES = { [0] = "0", [0.0004] = "0", [0.25] = "0.25", [1.23456] = "1.235", [60] = "60" }
    for seconds, text in pairs(CASES) do assert.are.equal(text, duration.seconds(seconds)) end
  end)
end)
