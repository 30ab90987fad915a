-- SPDX-License-Identifier: MIT
local RetryBudget = require "boltz.request.retry_budget"

local TIMEOUT, OTHER = { failure = "timeout" }, { failure = "connection" }

-- How many retries after time-outs it pays for.
local function left(budget)
  local count = 0
  while budget:take(TIMEOUT) do count = count + 1 end
  return count
end

describe("a retry budget", function()
  it("pays for a hundred retries, or half as many after time-outs", function()
    local budget = RetryBudget.new()
    for _ = 1, 100 do assert.are.equal(5, budget:take(OTHER)) end
    assert.is_nil(budget:take(OTHER))
    assert.are.equal(50, left(RetryBudget.new()))
  end)

  it("never has more than at the beginning, whatever it is given back", function()
    local budget = RetryBudget.new()
    local paid = budget:take(TIMEOUT)
    for _ = 1, 9 do budget:give_back() end
    budget:give_back(paid)
    assert.are.equal(50, left(budget))
  end)
end)
