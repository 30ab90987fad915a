-- SPDX-License-Identifier: MIT
local suggest = require "boltz.check.suggest"

local KNOWN = { "after_id", "before_id", "limit", "name" }

describe("suggest.hint", function()
  local NEAR = {
    { "nmae", "name" }, { "Name", "name" }, { "limits", "limit" }, { "limt", "limit" },
    { "after", nil }, { "after_di", "after_id" }, { "befor_id", "before_id" },
    { "aftre_di", "after_id" },
  }
  for _, case in ipairs(NEAR) do
    it(("says of %s: %s"):format(case[1], case[2] or "all names"), function()
      assert.are.equal(case[2] and ("did you mean '%s'?"):format(case[2])
        or "known are after_id, before_id, limit, name", suggest.hint(case[1], KNOWN))
    end)
  end

  it("names all where none is near, and says so where there is none", function()
    assert.are.equal("known are after_id, before_id, limit, name", suggest.hint("zzzz", KNOWN))
    assert.are.equal("none is known", suggest.hint("x", {}))
  end)

  it("does not take a name for another of which nothing is left", function()
    assert.are.equal("known are ab", suggest.hint("xy", { "ab" }))
  end)
end)
