-- SPDX-License-Identifier: MIT
local Cooldown = require "boltz.request.cooldown"

describe("a cooldown", function()
  it("holds no call back at first", function()
    for _, now in ipairs { -10, 0, 1e9 } do assert.are.equal(0, Cooldown.new():left(now)) end
  end)

  it("holds back for the seconds that it was told, and of several to the last end", function()
    local cooldown = Cooldown.new()
    cooldown:hold(100, 3)
    cooldown:hold(100, 7)
    cooldown:hold(101, 1)
    assert.are.equal(7, cooldown:left(100))
    assert.are.equal(0.5, cooldown:left(106.5))
    assert.are.equal(0, cooldown:left(107))
  end)

  it("holds back for a minute in all, however often it is told, and then anew", function()
    local cooldown = Cooldown.new()
    for now = 0, 59 do cooldown:hold(now, 30) end
    assert.are.equal(1, cooldown:left(59))
    assert.are.equal(0, cooldown:left(60))
    cooldown:hold(60, 30)
    assert.are.equal(30, cooldown:left(60))
  end)

  it("then lets one go, and one more for each full round of answers", function()
    local cooldown = Cooldown.new()
    cooldown:hold(0, 1)
    local under_way, rounds, ticket = {}, {}, { refusals = 0 }
    cooldown:join(ticket)
    for _ = 1, 4 do
      local sent = 0
      while cooldown:left(1, cooldown:_first()) == 0 do
        sent = sent + 1
        under_way[sent] = {}
        cooldown:sent(under_way[sent])
      end
      rounds[#rounds + 1] = sent
      for i = 1, sent do assert.is_true(cooldown:ended(under_way[i], 1)) end
    end
    assert.are.same({ 1, 2, 3, 4 }, rounds)
    cooldown:hold(2, 1)
    local last = {}
    cooldown:sent(last)
    assert.are.equal(math.huge, cooldown:left(3, ticket))
  end)

  it("lets those go first that were refused most often, and of these who came first", function()
    local cooldown = Cooldown.new()
    local tickets = { { refusals = 0 }, { refusals = 2 }, { refusals = 1 }, { refusals = 2 } }
    cooldown:hold(0, 1)
    for _, ticket in ipairs(tickets) do cooldown:join(ticket) end
    for _, i in ipairs { 2, 4, 3, 1 } do
      for j, ticket in ipairs(tickets) do
        assert.are.equal(i == j and 0 or math.huge, cooldown:left(1, ticket))
      end
      cooldown:leave(tickets[i])
      tickets[i] = { refusals = -1 }
    end
  end)

  it("is over when none waits and none is under way", function()
    local cooldown = Cooldown.new()
    cooldown:hold(0, 1)
    local one = {}
    cooldown:sent(one)
    assert.is_false(cooldown:ended(one, 0.5))
    assert.are.equal(0.5, cooldown:left(0.5))
    cooldown:sent(one)
    assert.is_false(cooldown:ended(one, 1))
    for _ = 1, 10 do cooldown:sent {} end
    assert.are.equal(0, cooldown:left(1))
  end)

  it("forgets an attempt that was dropped", function()
    local cooldown = Cooldown.new()
    cooldown:hold(0, 1)
    cooldown:sent {}
    assert.are.equal(math.huge, cooldown:left(1))
    collectgarbage()
    collectgarbage()
    assert.are.equal(0, cooldown:left(1))
  end)

  it("may be told that calls are to fail at once", function()
    local cooldown = Cooldown.new()
    assert.are.equal(0, cooldown:closed_for(0))
    cooldown:close(100, 120)
    cooldown:close(101, 70)
    assert.are.equal(20, cooldown:closed_for(200))
    assert.are.equal(0, cooldown:closed_for(220))
    assert.are.equal(0, cooldown:left(100))
  end)

  it("is one session's", function()
    local one, other = Cooldown.new(), Cooldown.new()
    one:hold(0, 10)
    assert.are.equal(0, other:left(0))
  end)
end)
