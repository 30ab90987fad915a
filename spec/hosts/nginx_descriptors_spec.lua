-- SPDX-License-Identifier: MIT
-- Inside a real nginx whose worker may have few descriptors, and whose requests each make a client
-- of their own and drop it. nginx runs LuaJIT whatever runs the spec.
if _VERSION ~= "Lua 5.4" then return end

local core = require "boltz.core"
local nginx = require "support.nginx"
local wire = require "support.wire"

local ECHO = [[
  serve(function(c)
    while c:request() do c:send(answer '{"id":"x"}') end
  end)
]]

-- Holds all answers back until /release is asked for.
local GATE = [[
  local held = {}
  serve(function(c)
    for request in function() return c:request() end do
      if request.target == "/release" then
        local all = held
        held = {} -- first, as others come while this sends
        for each in pairs(all) do each:send(answer '{"id":"x"}') end
        c:send(answer "{}")
      else
        held[c] = true
      end
    end
    held[c] = nil
  end)
]]

local LOCATION = [[
  location = /litter {
    content_by_lua_block {
      boltz.new(options):get "/x"
      collectgarbage "stop"
      while require("boltz.core").engine() do end
      ngx.print(ngx.worker.pid())
    }
  }
  location = /pid { content_by_lua_block { ngx.print(ngx.worker.pid()) } }
  location = /call {
    content_by_lua_block {
      local client = boltz.new(options)
      local value, err = client:get "/x"
      ngx.print(value and value.id or err.kind .. ": " .. err.message)
    }
  }
]]

describe("inside nginx, with few descriptors, a client for every request", function()
  local missing = nginx.missing()
  if missing then
    it("is made", function() pending(missing) end)
    return
  end

  after_each(function()
    nginx.stop_all()
    wire.stop_all()
  end)

  local function start(service, descriptors)
    return nginx.start {
      main = ("worker_rlimit_nofile %d;"):format(descriptors),
      http = ([[
        init_by_lua_block {
          boltz = require "boltz"
          options = { api_key = "sk_bc_admin_test_0123456789", base_url = "%s", max_retries = 0 }
        }
      ]]):format(service.url),
      locations = LOCATION,
    }
  end

  -- Makes requests, so many at once, and returns what of their answers is not "x". `meanwhile` is
  -- called again and again, with how many have ended.
  local function failures(server, total, at_once, meanwhile)
    local engine, running, begun, ended = core.engine(), {}, 0, 0
    local failed = {}
    while ended < total do
      while begun < total and begun - ended < at_once do
        begun = begun + 1
        running[server:begin("/call", nil, engine)] = true
      end
      engine:step(meanwhile and 0.01 or 1)
      if meanwhile then meanwhile(ended) end
      for transfer in pairs(running) do
        if transfer:done() then
          running[transfer] = nil
          ended = ended + 1
          local body = transfer:result().body
          if body ~= "x" then failed[#failed + 1] = body end
        end
      end
    end
    engine:close()
    return failed
  end

  it("does not run out of them", function()
    local server = start(wire.start(ECHO), 200)
    assert.are.same({}, failures(server, 300, 20))
  end)

  it("says so where the requests under way need more, and goes on when they have ended", function()
    local service = wire.start(GATE)
    local server = start(service, 80)
    local function release() wire.exchange(wire.request(service.url .. "/release")) end
    local pid = tonumber(server:get("/pid").body)
    local failed = failures(server, 60, 20, function(ended)
      if ended > 0 then release() end -- the first that ends has failed: all others are held
    end)
    assert.is_true(#failed > 0)
    for _, body in ipairs(failed) do
      assert.matches("^connection: no descriptor left for ", body)
    end
    nginx.await(function() return nginx.descriptors(pid) < 60 end, "what has ended is collected")
    assert.are.same({}, failures(server, 20, 1, release))
  end)

  it("leaves nothing that keeps nginx from accepting the next", function()
    local server = start(wire.start(ECHO), 80)
    local pid = tonumber(server:get("/litter").body)
    nginx.await(function() return nginx.descriptors(pid) < 60 end, "what is dropped is collected")
    assert.are.same({}, failures(server, 20, 5))
  end)
end)
