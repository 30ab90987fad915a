-- SPDX-License-Identifier: MIT
-- Inside copas, whose scheduler watches luasocket's objects only: sleeps by its timer.

local copas = require "copas"

return require "boltz.loop.sleep"(copas.pause or copas.sleep) -- `sleep` before copas 4
