-- SPDX-License-Identifier: MIT
local core = require "boltz.core"
local memory = require "support.memory"
local wire = require "support.wire"

local KEY = "sk_bc_admin_test_0123456789abcdef"

-- Answers each request with an empty object.
local OK = [[
  serve(function(c)
    while c:request() do c:send(answer "{}") end
  end)
]]

local function template(changes)
  local fields = { headers = { "x-api-key", core.secret(KEY) }, max_response_bytes = 1000 }
  for name, value in pairs(changes or {}) do fields[name] = value end
  return core.request_template(fields)
end

describe("a request template", function()
  after_each(wire.stop_all)

  it("sends what a request sends that has its fields itself", function()
    local fields = { headers = { "Accept", "application/json", "X-Trace", "1", "X-None", false },
      max_response_bytes = 1000, no_proxy = "*" }
    local server = wire.start(OK)
    wire.exchange(wire.request(server.url, fields))
    wire.exchange(wire.request(server.url, { template = core.request_template(fields) }))
    local records = server:records()
    assert.are.equal(2, #records)
    assert.are.equal(records[1], records[2])
    assert.is_truthy(records[1]:find("X-Trace: 1\r\n", 1, true))
  end)

  it("is what counts when the request has such fields, too", function()
    local server = wire.start(OK)
    local result = wire.exchange(wire.request(server.url, {
      template = template { max_response_bytes = 1 },
      headers = { "x-other", "1" },
    }))
    assert.are.equal("invalid_response", result.failure)
    assert.is_nil(server:records()[1]:find("x-other", 1, true))
  end)

  it("may be forgotten while requests use it, and serve several engines", function()
    local server = wire.start(OK)
    local engines, transfers = {}, {}
    do
      local shared = template()
      for i = 1, 3 do
        engines[i] = core.engine()
        transfers[i] = engines[i]:start(wire.request(server.url, { template = shared }))
      end
    end
    collectgarbage()
    collectgarbage()
    for i, transfer in ipairs(transfers) do
      while not transfer:done() do engines[i]:step(1) end
      assert.are.equal(200, transfer:result().status)
      engines[i]:close()
    end
    for _, record in ipairs(server:records()) do
      assert.is_truthy(record:find("x-api-key: " .. KEY, 1, true))
    end
  end)

  it("that a finalizer has ended leaves a request its own fields", function()
    local server, ended = wire.start(OK), template()
    debug.getmetatable(ended).__gc(ended)
    debug.getmetatable(ended).__gc(ended)
    local request = wire.request(server.url, { template = ended, headers = { "x-own", "1" } })
    assert.are.equal(200, wire.exchange(request).status)
    assert.is_truthy(server:records()[1]:find("x-own: 1", 1, true))
    request.headers = nil
    assert.has_error(function() wire.exchange(request) end)
  end)

  if memory.can_be_read() then
    local A, B = ("Qz7"):rep(10) .. "Yd", ("Vw4"):rep(20)
    local OTHER_A, OTHER_B = ("Kp8"):rep(10) .. "Gs", ("Jx5"):rep(20)
    -- What is sent stays in libcurl's memory, with a line end behind it.
    local SENT_A, SENT_B = ("Mc3"):rep(10) .. "Wn", ("Fy6"):rep(20)

    -- What a template is made of that holds a secret of these two parts.
    local HOLDERS = {
      ["a header"] = function(a, b) return { headers = { "x-secret", core.secret(b, a) } } end,
      ["a proxy's URL"] = function(a, b)
        return { headers = {}, proxy = core.secret(b .. "@host", "http://" .. a) }
      end,
    }
    for what, holder in pairs(HOLDERS) do
      it("is wiped when it is collected: " .. what, function()
        local kept = template(holder(OTHER_A, OTHER_B))
        for _ = 1, 20 do template(holder(A, B)) end
        collectgarbage()
        collectgarbage()
        assert.are.equal(0, memory.count(A:sub(-9), B))
        assert.is_true(memory.count(OTHER_A:sub(-9), OTHER_B) > 0, "no search finds it")
        assert.is_truthy(kept)
      end)
    end

    it("is wiped when it is collected, also if a handle for it is kept", function()
      local server, engine = wire.start(OK), core.engine()
      local other = template { headers = {} }
      local function ask(of)
        assert.are.equal(200,
          wire.exchange(wire.request(server.url, { template = of }), engine).status)
      end
      ask(template { headers = { "x-api-key", core.secret(SENT_B, SENT_A) } })
      collectgarbage()
      collectgarbage()
      ask(other)
      assert.are.equal(0, memory.count(SENT_A:sub(-9), SENT_B .. "\0"))
      engine:close()
    end)
  end

  local mistakes = {
    { "no table", function() return core.request_template(1) end, "table expected" },
    { "no headers", function() return core.request_template { max_response_bytes = 1 } end,
      "table expected" },
    { "no limit", function() return core.request_template { headers = {} } end, "number expected" },
    { "a limit below 0", function() return template { max_response_bytes = -1 } end, "below 0" },
    { "a limit that is no number", function() return template { max_response_bytes = 0 / 0 } end,
      "below 0" },
    { "a header with a line end", function() return template { headers = { "a", "b\r\nc: d" } } end,
      "control character" },
    { "a path with a NUL", function() return template { ca_file = "/ca\0.pem" } end, "ca_file" },
  }
  for _, case in ipairs(mistakes) do
    it("with " .. case[1] .. " raises", function()
      local done, problem = pcall(case[2])
      assert.is_false(done)
      assert.is_truthy(problem:find(case[3], 1, true), problem)
    end)
  end

  it("is not one of another kind", function()
    assert.has_error(function()
      core.engine():start(wire.request("http://127.0.0.1:1", { template = core.secret(KEY) }))
    end)
  end)

  it("shows nothing of what it holds", function()
    assert.is_nil(tostring(template()):find("sk_bc", 1, true))
  end)
end)
