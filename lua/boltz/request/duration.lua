-- SPDX-License-Identifier: MIT
-- Numbers of seconds as messages have them: with a point in every locale, which string.format does
-- not write, and without a fraction that is 0.

local core = require "boltz.core"

local duration = {}

local function rounded(number, steps)
  return core.encode(math.floor(number * steps + 0.5) / steps)
end

--- To the millisecond, without a unit: `0.25`, `60`.
function duration.seconds(seconds) return rounded(seconds, 1000) end

--- As short as a person likes it, with a unit: `0.8 ms`, `432 ms`, `1.2 s`, `60 s`.
function duration.readable(seconds)
  if seconds >= 0.9995 then return rounded(seconds, seconds < 100 and 10 or 1) .. " s" end
  return rounded(seconds * 1000, seconds < 0.01 and 10 or 1) .. " ms"
end

return duration
