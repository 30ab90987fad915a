-- SPDX-License-Identifier: MIT
local RetryBudget = require "boltz.request.retry_budget"

local TIMEOUT, OTHER = { failure = "timeout" }, { failure = "connection" }

-- How many retries after such a result it pays for.
local function retries(budget, result)
  local count = 0
  while budget:take(result) do count = count + 1 end
  return count
end

describe("a retry budget", function()
  it("pays for a hundred retries, or half as many after time-outs", function()
    assert.are.equal(100, retries(RetryBudget.new(), OTHER))
    assert.are.equal(50, retries(RetryBudget.new(), TIMEOUT))
  end)

  it("never has more than at the beginning, whatever it is given back", function()
    local budget = RetryBudget.new()
    local paid = budget:take(TIMEOUT)
    for _ = 1, 9 do budget:give_back() end -- all but one
    budget:give_back(paid)
    assert.are.equal(100, retries(budget, OTHER))
  end)
end)
