-- SPDX-License-Identifier: MIT
local boltz = require "boltz"
local child = require "support.child"
local core = require "boltz.core"

-- The lines of a report, by the words before the colon.
local function read(report)
  local about = {}
  for name, text in report:gmatch("([^\n]+): ([^\n]+)") do about[name] = text end
  return about
end

local function quote(path) return "'" .. path .. "'" end

describe("boltz.version_report", function()
  it("names what is in use, a line each", function()
    local report = boltz.version_report()
    local about = read(report)
    assert.matches("^" .. boltz._VERSION:gsub("%.", "%%.") .. ", .*boltz/core%.so$", about.boltz)
    assert.are.equal(jit and jit.version or _VERSION:match("%d.*"), about.Lua)
    assert.are.equal(core.versions().libcurl, about.libcurl:match("^%S+"))
    assert.matches("^%a+/%d", about.TLS)
    assert.is_truthy(({ ["blocking"] = 1, ["threaded"] = 1, ["c-ares"] = 1 })[about.resolver])
    assert.is_truthy(({ epoll = 1, portable = 1 })[about.polling])
    assert.matches("^%d[%w.]*, .*cjson", about["lua-cjson"])
    assert.are.equal("blocking", about.host)
    assert.matches("^%S+ .*, %S+$", about.system)
    assert.is_nil(report:find("\n$"))
  end)

  it("shows neither the user nor a key", function()
    local report = child.run([[
      local core = require "boltz.core"
      core.library_of = function() return "/home/jane/.luarocks/lib/lua/x.so" end
      print(require("boltz").version_report())
    ]], { BOLTZ_API_KEY = "sk_bc_admin_test_0123456789" })
    assert.is_nil(report:find("jane", 1, true))
    assert.is_truthy(report:find("~/.luarocks/lib/lua/x.so", 1, true))
    assert.is_nil(report:find("sk_bc", 1, true))
  end)

  it("works in a host that lacks os, io and debug", function()
    assert.matches("host: blocking", child.run [[
      local print = print
      os, io, debug = nil, nil, nil
      print(require("boltz").version_report())
    ]])
  end)

  it("is what boltz-emulator --version prints, of its nginx", function()
    local root = debug.getinfo(1, "S").source:match("^@(.*)spec/boltz/version_report_spec%.lua$")
    local pipe = io.popen(quote((root == "" and "." or root) .. "/bin/boltz-emulator")
      .. " --version 2>&1; echo status: $?")
    local about = read(pipe:read("*a"))
    pipe:close()
    assert.are.equal("0", about.status)
    assert.are.equal(boltz._VERSION, about.boltz:match("^[%d.]+"))
    assert.matches("^LuaJIT", about.Lua)
    assert.matches("^nginx %d+%.%d+%.%d+, its Lua module %d+%.%d+%.%d+$", about.host)
  end)
end)
