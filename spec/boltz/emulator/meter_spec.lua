-- SPDX-License-Identifier: MIT
local meter = require "boltz.emulator.meter"

describe("boltz.emulator.meter", function()
  local HOUR, DAY = 3600, 86400
  local NOON = 1775044800
  local MIDNIGHT = NOON - 12 * HOUR
  local workspace, now, subject

  before_each(function()
    now = NOON
    workspace = { id = "ws_2ebrtm7p5m95auvfpmczma45", created_at = NOON - 500 * DAY }
    subject = meter.new(1, function() return now end)
  end)

  local function all(from, to)
    local sum = 0
    for _, application in ipairs(meter.APPLICATIONS) do
      sum = sum + subject:units(workspace, application, from, to)
    end
    return sum
  end

  it("counts as much in the hours of a day as in the day", function()
    for back = 1, 30 do
      local day = MIDNIGHT - back * DAY
      for _, application in ipairs(meter.APPLICATIONS) do
        local hours = 0
        for hour = day, day + 23 * HOUR, HOUR do
          hours = hours + subject:units(workspace, application, hour, hour + HOUR)
        end
        assert.equal(subject:units(workspace, application, day, day + DAY), hours)
      end
    end
  end)

  it("has something on each of the last four hundred days, and nothing before", function()
    for back = 1, 400 do
      assert.is_true(all(MIDNIGHT - back * DAY, MIDNIGHT - (back - 1) * DAY) > 0, "day -" .. back)
    end
    assert.equal(0, all(MIDNIGHT - 450 * DAY, MIDNIGHT - 400 * DAY))
  end)

  it("counts nothing in hours that have not begun", function()
    assert.equal(0, all(NOON, NOON + 10 * DAY))
    local before = all(MIDNIGHT, MIDNIGHT + DAY)
    now = NOON + 3 * HOUR
    assert.is_true(all(MIDNIGHT, MIDNIGHT + DAY) > before)
  end)

  it("counts nothing before a workspace was made and after it was archived", function()
    workspace.created_at = NOON - 10 * DAY
    workspace.archived_at = NOON - 5 * DAY
    assert.equal(0, all(NOON - 20 * DAY, NOON - 10 * DAY))
    assert.is_true(all(NOON - 10 * DAY, NOON - 5 * DAY) > 0)
    assert.equal(0, all(NOON - 5 * DAY, NOON))
  end)

  it("charges spans that touch each other once", function()
    local middle = NOON - 100 * DAY - 1800
    assert.equal(subject:spent(workspace, NOON - 200 * DAY),
      25 * (all(NOON - 200 * DAY, middle) + all(middle, NOON)))
  end)

  it("says the same on every start and every Lua", function()
    assert.equal(488016, all(NOON - 365 * DAY, NOON))
  end)

  it("depends on the seed", function()
    local other = meter.new(2, function() return now end)
    local since = MIDNIGHT - 9 * DAY
    assert.are_not.equal(subject:spent(workspace, since), other:spent(workspace, since))
  end)
end)
