-- SPDX-License-Identifier: MIT
-- Every case of the fault matrix over real sockets. The waits between attempts are skipped.

local matrix = require "reliability.matrix"
local run = require "reliability.run"

local ALWAYS = { kind = true, value = true }

-- What versions of libcurl come to, as the one that was seen, if it was one of these.
local function seen_among(expected, seen)
  for _, each in ipairs(expected) do
    if each == seen then return each end
  end
  return expected
end

describe("the fault matrix", function()
  teardown(run.clean)

  local names = {}

  for _, case in ipairs(matrix) do
    it(("%s: %s"):format(case.group, case.name), function()
      local seen = run.case(case)
      local about = seen.text or "a success"
      for field, expected in pairs(case.expect) do
        if field == "message" then
          assert.matches(expected, seen.message)
        else
          if field == "attempts" and type(expected) == "table" then
            expected = seen_among(expected, seen.attempts)
          end
          assert.same(expected, seen[field], ("%s of %s"):format(field, about))
        end
      end
      for field in pairs(ALWAYS) do
        if case.expect[field] == nil then
          assert.is_nil(seen[field], ("%s of %s"):format(field, about))
        end
      end
    end)
    names[case.name] = (names[case.name] or 0) + 1
  end

  it("has at least 60 cases, each with a name of its own", function()
    assert.is_true(#matrix >= 60, #matrix .. " cases")
    for name, count in pairs(names) do assert.equal(1, count, name) end
    for _, case in ipairs(matrix) do
      local is_list = case.call == "list" and not case.expect.kind -- a list has no one response
      assert.is_true(is_list or case.expect.attempts ~= nil, case.name)
    end
  end)
end)
