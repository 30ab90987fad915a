-- SPDX-License-Identifier: MIT
-- The page about reliability says what the specs hold the client to, and SECURITY.md names specs
-- that there are.

local render = require "reliability.docs"

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/reliability/docs_spec%.lua$")

local function read(path)
  local file = assert(io.open(ROOT .. path))
  local text = file:read("*a")
  file:close()
  return text
end

describe("docs/reliability.md", function()
  it("is what tools/docs-reliability writes", function()
    assert.is_true(read "docs/reliability.md" == render(), "run tools/docs-reliability")
  end)
end)

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
