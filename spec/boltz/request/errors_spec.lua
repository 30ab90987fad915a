-- SPDX-License-Identifier: MIT
local errors = require "boltz.request.errors"
local child = require "support.child"

local KINDS = {
  [400] = "bad_request", [401] = "authentication", [403] = "permission_denied",
  [404] = "not_found", [409] = "conflict", [422] = "unprocessable_entity", [429] = "rate_limit",
  [500] = "internal_server", [501] = "internal_server", [503] = "internal_server",
  [599] = "internal_server", [300] = "redirect", [301] = "redirect", [304] = "redirect",
  [308] = "redirect", [399] = "redirect", [402] = "status", [405] = "status", [408] = "status",
  [418] = "status", [499] = "status", [600] = "status", [999] = "status", [100] = "status",
}

local function make(changes)
  local fields = { kind = "not_found", message = "Workspace not found", status = 404,
    code = "not_found", method = "GET", path = "/x/{id}", request_id = "req_1", attempts = 1 }
  for name, value in pairs(changes or {}) do fields[name] = value or nil end
  return errors.new(fields)
end

describe("errors.kind_of_status", function()
  for status, kind in pairs(KINDS) do
    it(("is %s for %d"):format(kind, status), function()
      assert.are.equal(kind, errors.kind_of_status(status))
    end)
  end
end)

describe("an error", function()
  local TEXTS = {
    { {}, "not_found: Workspace not found (404 not_found, GET /x/{id}, request req_1)" },
    { { code = false }, "not_found: Workspace not found (status 404, GET /x/{id}, request req_1)" },
    { { attempts = 3 },
      "not_found: Workspace not found (404 not_found, GET /x/{id}, 3 attempts, request req_1)" },
    { { kind = "timeout", message = "Too slow", status = false, code = false, request_id = false,
      method = "POST", maybe_applied = true },
      "timeout: Too slow (POST /x/{id}, may have been applied)" },
    { { retry_after = 90, attempts = 2 },
      "not_found: Workspace not found (404 not_found, GET /x/{id}, 2 attempts, retry after 90 s, "
        .. "request req_1)" },
    { { method = false, request_id = false, code = false },
      "not_found: Workspace not found (status 404)" },
    { { attempts = 2 },
      "not_found: Workspace not found (404 not_found, GET /x/{id}, 2 attempts, request req_1)" },
    { { status = false, method = false, request_id = false }, "not_found: Workspace not found" },
  }
  for _, case in ipairs(TEXTS) do
    it("reads " .. case[2], function()
      assert.are.equal(case[2], tostring(make(case[1])))
    end)
  end

  it("joins with text on either side, and with another error", function()
    local err = make()
    assert.are.equal("failed: " .. tostring(err), "failed: " .. err)
    assert.are.equal(tostring(err) .. "\n", err .. "\n")
    assert.are.equal(tostring(err) .. 1, err .. 1)
    assert.are.equal(tostring(err) .. tostring(err), err .. err)
  end)

  it("passes through error and pcall as it is", function()
    local err = make()
    local done, raised = pcall(error, err)
    assert.is_false(done)
    assert.are.equal(err, raised)
  end)

  it("passes through assert as it is", function() -- in a child: here, assert is luassert's
    assert.are.equal("true\n", child.run [[
      local err = require("boltz.request.errors").new { kind = "timeout", message = "Too slow" }
      print(select(2, pcall(assert, nil, err)) == err)
    ]])
  end)

  it("is printed as text by print, and by a script that it ends", function()
    local script = [[
      local errors = require "boltz.request.errors"
      local err = errors.new { kind = "timeout", message = "Too slow", attempts = 1 }
      %s
    ]]
    assert.are.equal("timeout: Too slow\n", child.run(script:format("print(err)")))
    assert.is_truthy(child.run(script:format("error(err)")):find("timeout: Too slow", 1, true))
    assert.is_truthy(child.run(script:format("assert(nil, err)"))
      :find("timeout: Too slow", 1, true))
  end)

  it("shows nothing that a terminal would obey", function()
    local text = tostring(make { message = "\27]0;title\7\r\n\194\155" .. "2J", code = "\27[31m",
      request_id = "\8\8" })
    assert.are.equal("not_found: ?]0;title????2J (404 ?[31m, GET /x/{id}, request ??)", text)
  end)

  it("has a message that is safe to print by itself", function()
    assert.are.equal("a?[31mb?", make({ message = "a\27[31mb\n" }).message)
  end)
end)

describe("a call that fails", function()
  it("returns two values, so that assert raises the error on every Lua", function()
    local output = require("support.child").run [[
      local boltz = require "boltz"
      local transport = { handle = function() return 404, {}, "{}" end }
      local client = boltz.new { api_key = "k", transport = transport }
      print(select("#", client.auth:me()), select("#", client:get("/x")))
      print(select(2, pcall(assert, client.auth:me())))
    ]]
    assert.matches("^2\t2\nnot_found: ", output)
  end)
end)

describe("errors.is_error", function()
  it("is true for an error only", function()
    assert.is_true(errors.is_error(make()))
    assert.is_false(errors.is_error { kind = "timeout" })
    assert.is_false(errors.is_error("timeout"))
    assert.is_false(errors.is_error(nil))
  end)
end)
