-- SPDX-License-Identifier: MIT
local log = require "boltz.request.log"
local child = require "support.child"

local LEVELS = { "error", "warn", "info", "debug" }

-- Which levels reach a logger that asks for `wanted`.
local function heard(wanted)
  local levels = {}
  local settings = { log_level = wanted,
    logger = function(level) levels[#levels + 1] = level end }
  for _, level in ipairs(LEVELS) do log.write(settings, level, "message", {}) end
  return levels
end

describe("log.write", function()
  it("passes on the level that is asked for and those above it", function()
    assert.are.same({}, heard("off"))
    for i, wanted in ipairs(LEVELS) do
      local expected = {}
      for j = 1, i do expected[j] = LEVELS[j] end
      assert.are.same(expected, heard(wanted))
    end
  end)

  it("gives the logger level, message and fields", function()
    local got
    local fields = { status = 200 }
    log.write({ log_level = "info", logger = function(...) got = { ... } end }, "info", "done",
      fields)
    assert.are.same({ "info", "done", fields }, got)
  end)

  it("writes one line to standard error where there is no logger", function()
    local output = child.run [[
      require("boltz.request.log").write({ log_level = "warn" }, "warn", "slow",
        { path = "/x", attempt = 1, status = 503, duration = 2, method = "GET", error = "none" })
    ]]
    assert.are.equal(' boltz warn: slow attempt=1 duration="2 s" error=none method=GET path=/x '
      .. "status=503\n", output:match("Z( .*)$"))
  end)

  it("writes no control character there, so that nobody forges a line or a colour", function()
    local output = child.run [[
      require("boltz.request.log").write({ log_level = "warn" }, "warn", "a\nb",
        { text = "\27[31m\r\nboltz error: forged\0" .. "\194\155" .. "2J" })
    ]]
    assert.are.equal(' boltz warn: a?b text="?[31m??boltz error: forged??2J"\n',
      output:match("Z( .*)$"))
  end)

  it("survives a logger that raises, and says so on standard error", function()
    local output = child.run [[
      local function logger() error("mine", 0) end
      require("boltz.request.log").write({ log_level = "warn", logger = logger }, "warn", "m", {})
      print("alive")
    ]]
    assert.is_truthy(output:find("boltz error: the logger raised problem=mine\n", 1, true))
    assert.is_truthy(output:find("alive\n", 1, true))
  end)
end)
