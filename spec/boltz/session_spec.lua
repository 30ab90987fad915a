-- SPDX-License-Identifier: MIT
-- What a client that is closed frees of what it shares with its copies, which may be in use, or
-- dropped and not yet collected.

local boltz = require "boltz"
local core = require "boltz.core"
local lfs = require "lfs"
local stub = require "support.stub"
local wire = require "support.wire"

-- Answers /held when /release is asked for, and to /busy first that it should be asked again.
local GATE = [[
  local held, was_busy = {}, false
  serve(function(c)
    for request in function() return c:request() end do
      if request.target == "/held" then
        held[#held + 1] = c
      elseif request.target == "/busy" and not was_busy then
        was_busy = true
        c:send(answer("{}", "", "503 Service Unavailable"))
      else
        if request.target == "/release" then
          for _, each in ipairs(held) do each:send(answer '{"id":"held"}') end
        end
        c:send(answer '{"id":"x","data":[{"id":"x"}],"has_more":true,"last_id":"x"}')
      end
    end
  end)
]]

local function descriptors()
  local count = 0
  for _ in lfs.dir "/proc/self/fd" do count = count + 1 end
  return count
end

describe("a client that is closed", function()
  if not lfs.attributes "/proc/self/fd" then
    it("frees descriptors", function() pending "this system has no /proc" end)
    return
  end

  local server, client, before

  before_each(function()
    core.engine():close() -- libcurl opens what it opens once
    collectgarbage()
    collectgarbage()
    server = wire.start(GATE)
    client = boltz.new { api_key = stub.KEY, base_url = server.url, max_retries = 0 }
    before = descriptors()
    assert(client:get "/x")
    assert.is_true(descriptors() > before)
  end)

  after_each(function()
    client:close()
    wire.stop_all()
  end)

  it("frees all descriptors at once, be it a copy or not, with others that were dropped", function()
    collectgarbage "stop" -- so the others are certainly not collected
    finally(function() collectgarbage "restart" end)
    for _, closes in ipairs { "copy", "original" } do
      local original = boltz.new { api_key = stub.KEY, base_url = server.url }
      local copy = original:with { timeout = 20 }
      assert(original:get "/x")
      assert(copy:get "/x")
      local held = descriptors()
      if closes == "copy" then copy:close() else original:close() end
      assert.is_true(descriptors() < held)
      assert(client:get "/x")
    end
    client:close()
    assert.equal(before, descriptors())
  end)

  it("leaves copies that are in use, which open new connections", function()
    local copy = client:with { timeout = 20 }
    assert(copy:get "/x")
    assert.equal(1, server:connections())
    copy:close()
    assert.equal(before, descriptors())
    assert(client:get "/x")
    assert(client:get "/x")
    assert.equal(2, server:connections())
  end)

  it("leaves a copy's call that is under way, and frees the connections when that ends", function()
    local copy = client:with { timeout = 20 }
    local results, errors = boltz.gather {
      function() return copy:get "/held" end,
      function()
        assert(client:get "/x")
        client:close()
        return copy:get "/release"
      end,
    }
    assert.is_nil(errors)
    assert.equal("held", results[1].id)
    assert.equal(before, descriptors())
  end)

  it("leaves a copy's page that is requested ahead", function()
    local pager = client:with({ timeout = 20 }):paginate "/list"
    assert.equal("x", pager:next().id)
    client:close()
    local page, err = pager:next()
    assert.is_nil(page)
    assert.equal("invalid_response", err.kind) -- the cursor repeats; not `cancelled`
  end)

  it("frees the connections while a copy's call waits before it is tried again", function()
    local refused = false
    local copy = client:with { max_retries = 1, on_attempt = function() refused = true end }
    local made
    local results = boltz.gather {
      function() return copy:get "/busy" end,
      function()
        repeat assert(client:get "/x") until refused
        local held = descriptors()
        client:close()
        assert.is_true(descriptors() < held)
        made = server:connections()
      end,
    }
    assert.equal("x", results[1].id)
    assert.equal(made + 1, server:connections())
  end)
end)
