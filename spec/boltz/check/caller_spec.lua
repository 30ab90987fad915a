-- SPDX-License-Identifier: MIT
local caller = require "boltz.check.caller"

local load_text = loadstring or load -- luacheck: ignore 113

local FILE = assert(package.searchpath("boltz.check.caller", package.path))

local function text_of(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

-- The module anew, as it is where its chunk has another name; and a function of another module that
-- calls what it is given, in its third line.
local function named(own_name, other_name)
  local own = assert(load_text(text_of(FILE), own_name))()
  local other = assert(load_text("local function method(fn, ...)\n\nfn(...)\nend\nreturn method",
    other_name))()
  return own, other
end

local NAMES = {
  { "in files", "@/opt/x/boltz/check/caller.lua", "@/opt/x/boltz/client.lua" },
  { "in files of the working folder", "@./boltz/check/caller.lua", "@./boltz/pager.lua" },
  { "in files of another system", [[@C:\x\boltz\check\caller.lua]], [[@C:\x\boltz\init.lua]] },
  { "in a program that names modules", "=boltz.check.caller", "=boltz.resources.method" },
}

describe("the place of a mistake", function()
  for _, case in ipairs(NAMES) do
    it("is the line of the caller outside of the module where that is " .. case[1], function()
      local own, method = named(case[2], case[3])
      local audit = assert(load_text("local method, raise = ...\n\nmethod(raise, 'wrong')\n",
        "@audit.lua"))
      local done, raised = pcall(audit, method, own.raise)
      assert.is_false(done)
      assert.equal("audit.lua:3: wrong", raised)
    end)

    it("is not there where no such line is left, and the module is " .. case[1], function()
      local own, method = named(case[2], case[3])
      assert.same({ false, "wrong" }, { pcall(coroutine.wrap(method), own.raise, "wrong") })
    end)
  end

  it("is that of what called the method where module and program are one chunk", function()
    local bundle = assert(load_text(table.concat({
      "local core = ...; local caller = (function()", (text_of(FILE)), "end)()",
      "local function method() caller.raise('wrong') end",
      "method()" }, "\n"), "@bundle.lua"))
    local _, lines = text_of(FILE):gsub("\n", "")
    local done, raised = pcall(bundle, require "boltz.core")
    assert.is_false(done)
    assert.equal(("bundle.lua:%d: wrong"):format(lines + 5), raised)
  end)
end)

describe("caller.place", function()
  it("is the line of the caller", function()
    local here = debug.getinfo(1, "l").currentline + 1
    local place = caller.place()
    assert.matches("caller_spec%.lua:" .. here .. "$", place)
  end)

  it("is where the function of a task begins, if no line of it is left", function()
    local fn = assert(load_text("\n\n\nreturn function() end", "@audit.lua"))()
    for _, callable in ipairs { fn, setmetatable({}, { __call = fn }) } do
      assert.is_nil(coroutine.wrap(function()
        assert.equal(callable, caller.runs(callable))
        return coroutine.wrap(caller.place)() -- another coroutine: it has no function
      end)())
      local own, method = named(NAMES[1][2], NAMES[1][3])
      local seen
      coroutine.wrap(method)(function()
        own.runs(callable)
        seen = own.place()
      end)
      assert.matches("caller_spec%.lua:%d+$", seen) -- there is a line
      local thread = coroutine.create(method)
      assert.is_true(coroutine.resume(thread, assert(load_text(
        "local own, callable, keep = ...\nown.runs(callable)\nkeep(own.place())",
        "@/opt/x/boltz/concurrent.lua")), own, callable, function(place) seen = place end))
      assert.equal("audit.lua:4", seen)
    end
  end)

  it("is nil in a task of a function in C", function()
    local own, method = named(NAMES[1][2], NAMES[1][3])
    local seen = "nothing"
    coroutine.wrap(method)(assert(load_text(
      "local own, callable, keep = ...\nown.runs(callable)\nkeep(own.place())",
      "@/opt/x/boltz/concurrent.lua")), own, print, function(place) seen = place end)
    assert.is_nil(seen)
  end)
end)
