-- SPDX-License-Identifier: MIT
local Journal = require "boltz.emulator.journal"

describe("boltz.emulator.journal", function()
  it("lists requests, oldest first", function()
    local journal = Journal.new()
    journal:note("GET", "/a", 200)
    journal:note("POST", "/b", 0)
    assert.same({
      { method = "GET", path = "/a", status = 200 },
      { method = "POST", path = "/b", status = 0 },
    }, journal:list())
  end)

  it("keeps the latest thousand and counts all", function()
    local journal = Journal.new()
    for i = 1, 2500 do journal:note("GET", "/" .. i, 200) end
    local list = journal:list()
    assert.equal(1000, #list)
    assert.equal("/1501", list[1].path)
    assert.equal("/2500", list[1000].path)
    assert.equal(2500, journal.total)
  end)
end)
