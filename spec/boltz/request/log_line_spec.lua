-- SPDX-License-Identifier: MIT
local log_line = require "boltz.request.log_line"
local child = require "support.child"
local core = require "boltz.core"
local time = require "boltz.time"

-- A line after its time and level.
local function line(fields, message)
  return (log_line.of(0, "info", message or "m", fields):gsub("^.- boltz info: ", ""))
end

local function of_context(context) return line({ context = context }):gsub("^m context=", "") end

describe("a line of the log", function()
  it("begins with the time in UTC, always with milliseconds", function()
    assert.are.equal("2026-11-26T20:59:54.123Z boltz warn: m",
      log_line.of(time.parse "2026-11-26T20:59:54.123Z", "warn", "m", {}))
    assert.are.equal("2026-11-26T20:59:54.000Z boltz warn: m",
      log_line.of(time.parse "2026-11-26T20:59:54Z", "warn", "m", {}))
  end)

  it("has the time at which it is written", function()
    local before = core.wall()
    local output = child.run [[
      require("boltz.request.log").write({ log_level = "warn" }, "warn", "slow", {})
    ]]
    local told = time.parse(output:match("^(%S+) boltz warn: slow\n$"))
    assert.is_true(told > before - 1 and told < core.wall() + 1, output)
  end)

  it("has the fields in the order of their names, and words for a person after the message",
    function()
      assert.are.equal("retry: waits 60 s a=1 b=true c=text",
        line({ b = true, c = "text", a = 1, reason = "waits 60 s" }, "retry"))
    end)

  it("has durations that can be read", function()
    for seconds, text in pairs { [0.000812] = "0.8 ms", [1.2345] = "1.2 s" } do
      assert.are.equal(('m duration="%s" wait="%s"'):format(text, text),
        line { duration = seconds, wait = seconds })
    end
  end)

  it("has a value in quotes where it could not be told from what is around it", function()
    local CASES = {
      ["text"] = "text", [""] = '""', ["a b"] = '"a b"', ["a=b"] = '"a=b"',
      ['say "x"'] = [["say \"x\""]], ["a\\ b"] = [["a\\ b"]], ["\n"] = "?",
      ["/v1/{id}"] = "/v1/{id}",
    }
    for value, text in pairs(CASES) do assert.are.equal("m x=" .. text, line { x = value }) end
  end)

  it("is one line without control characters, whatever is in it", function()
    local text = line({ x = "\27[31m\r\nboltz error: forged\0" .. "\194\155" .. "2J" }, "a\nb")
    assert.are.equal('a?b x="?[31m??boltz error: forged??2J"', text)
  end)

  it("has numbers as every Lua writes them", function()
    assert.are.equal("m attempt=1 x=2.5 y=3", line { attempt = 1, x = 2.5, y = 3.0 })
    assert.are.equal("m x=" .. tostring(1 / 0), line { x = 1 / 0 })
  end)
end)

describe("a context in a line of the log", function()
  it("is its text, or the plain fields of a table", function()
    assert.are.equal("audit", of_context "audit")
    assert.are.equal('"{\\"job\\":7}"', of_context { job = 7, more = {}, "x" })
    assert.are.equal("mine",
      of_context(setmetatable({}, { __tostring = function() return "mine" end })))
  end)

  it("is short, however large it is, and shows no key", function()
    assert.is_true(#of_context(("x"):rep(1e6)) < 300)
    local large, looked_at = {}, 0
    for i = 1, 1e5 do large[i] = i end
    local context = setmetatable({}, { __pairs = function()
      return function(_, i)
        looked_at = looked_at + 1
        return next(large, i)
      end, large
    end })
    assert.are.equal("{}", of_context(context))
    assert.is_true(looked_at < 100)
    assert.are.equal("sk_bc_ws_liv...", of_context "sk_bc_ws_live_0123456789abcdefghij")
  end)

  it("costs no line when it cannot be written", function()
    local function fails() error "mine" end
    for _, meta in ipairs { { __tostring = fails }, { __pairs = fails } } do
      assert.are.equal('"a table"', of_context(setmetatable({}, meta)))
    end
    assert.are.equal('"a table"', of_context { x = "\255" })
  end)
end)
