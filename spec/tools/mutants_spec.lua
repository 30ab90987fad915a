-- SPDX-License-Identifier: MIT
-- spec/mutants/table.lua, which `make mutants` reads: that it is up to date with the files that it
-- names. Whether each mutant is noticed, only that command says.

local list = require "mutants.list"

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/tools/mutants_spec%.lua$")
if ROOT == "" then ROOT = "./" end

local function read(path)
  local file = assert(io.open(ROOT .. path))
  local text = file:read "*a"
  file:close()
  return text
end

describe("the table of mutants", function()
  local mutants = list.all()

  it("has at least 60 of them, and says of each what it breaks", function()
    assert.is_true(#mutants >= 60)
    for _, mutant in ipairs(mutants) do assert.is_true(#mutant.breaks > 0, mutant.find) end
  end)

  it("finds the text of each exactly once in its file, and puts another there", function()
    local problems = {}
    for _, mutant in ipairs(mutants) do
      local text = read(mutant.file)
      local changed, problem = list.apply(mutant, text)
      problems[#problems + 1] = problem
      assert.are_not.equal(text, changed, mutant.find)
    end
    assert.are.same({}, problems)
  end)

  it("names a spec that is there, and such that have the words of its filter", function()
    for _, mutant in ipairs(mutants) do
      local text = read(mutant.spec)
      assert.is_truthy(text:find(mutant.filter or "", 1, true), mutant.filter)
    end
  end)

  it("names each thing once", function()
    local seen = {}
    for _, mutant in ipairs(mutants) do
      local name = mutant.file .. mutant.find .. mutant.put
      assert.is_nil(seen[name], name)
      seen[name] = true
    end
  end)

  local one = { number = 1, file = "a.lua", find = "x < y", put = "x <= y" }

  it("says so where a text is gone, or is there twice", function()
    assert.are.equal("if x <= y", list.apply(one, "if x < y"))
    assert.are.same({ nil, "a.lua: what mutant 1 looks for is not there: x < y" },
      { list.apply(one, "if x > y") })
    assert.are.same({ nil, "a.lua: what mutant 1 looks for is there more than once: x < y" },
      { list.apply(one, "x < y or x < y") })
  end)
end)
