-- SPDX-License-Identifier: MIT
-- SECURITY.md names specs that there are.

local system = require "support.system"

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/reliability/docs_spec%.lua$")

local function read(path)
  return assert(system.read(ROOT .. path))
end

describe("SECURITY.md", function()
  it("names only files that exist", function()
    local count = 0
    for path in read("SECURITY.md"):gmatch("`([%w_/.]+%.%l+)`") do
      if path:find("/", 1, true) then
        read(path)
        count = count + 1
      end
    end
    assert.is_true(count > 5)
  end)
end)
