-- SPDX-License-Identifier: MIT
local problem = require "boltz.emulator.problem"

describe("boltz.emulator.problem", function()
  local function raised(...)
    local _, refusal = pcall(problem.raise, ...)
    return refusal
  end

  it("is told apart from other errors", function()
    assert.is_true(problem.is(raised("conflict", "taken")))
    assert.is_false(problem.is("a text"))
    assert.is_false(problem.is({ status = 409 }))
  end)

  it("has the status of its code", function()
    assert.equal(401, raised("unauthorized", "who?").status)
    assert.equal(400, raised("VALIDATION_ERROR", "no").status)
  end)

  it("becomes the service's error body", function()
    assert.same({ code = "not_found", message = "gone", details = { 1 } },
      problem.body(raised("not_found", "gone", { 1 })))
  end)

  it("reads well when nobody catches it", function()
    assert.equal("409 conflict: taken", tostring(raised("conflict", "taken")))
  end)
end)
