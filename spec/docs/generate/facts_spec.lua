-- SPDX-License-Identifier: MIT
-- The facts of the API are complete: what lacks its words cannot be written about.

local editor = require "generate.editor"
local endpoints = require "generate.endpoints"
local facts = require "generate.facts"

local words = require "generate.resources.workspaces"
local workspaces = require "boltz.resources.workspaces"

-- Changes a field of a table while a function runs.
local function with(object, name, value, fn)
  local was = object[name]
  object[name] = value
  local ok, err = pcall(fn)
  object[name] = was
  return ok, tostring(err)
end

local function write()
  local all = facts.read()
  return editor(all) .. endpoints(all)
end

local function endpoint(name)
  for _, each in ipairs(workspaces) do
    if each.name == name then return each end
  end
end

describe("Facts", function()
  it("cannot be written without words, answers, examples and known types", function()
    assert.is_string(write())
    local create, retrieve = endpoint "create", endpoint "retrieve"
    local retention = create.body.data_retention
    local fields = words.types.Workspace.fields
    for _, change in ipairs {
      { create.body.name, "doc", nil, "what name is" },
      { create.body.name, "doc", "No sentence", "what name is" },
      { create.body.name, "absent", nil, "name does not say what holds" },
      { retention.fields.unit, "doc", nil, "what unit is" },
      { retention, "named", nil, "has no name" },
      { retention, "named", "Money", "two different fields" },
      { fields.name, "doc", nil, "what name is" },
      { fields.name, "type", "text", "Workspace.name has no type" },
      { words.types, "Money", nil, "Money" },
      { words.examples, "archive", nil, "workspaces:archive has no example" },
      { retrieve, "answer", nil, "workspaces:retrieve has no answer" },
      { retrieve, "answer", "Nothing", "Nothing is no type" },
      { retrieve, "ids", nil, "what workspace_id is" },
    } do
      local object, name, value, expected = change[1], change[2], change[3], change[4]
      local ok, err = with(object, name, value, write)
      assert.is_false(ok, name)
      assert.matches(expected, err, 1, true)
    end
    assert.is_string(write())
  end)

  it("have bounds, units and defaults in both documents", function()
    local all = facts.read()
    local days = "---@field expires_in_days? integer After how long it ends; days, 1 to 365; "
      .. "default never\n"
    assert.matches(days, editor(all), 1, true)
    assert.matches("| `expires_in_days` | an integer from 1 to 365 | days | never | "
      .. "After how long it ends. |", endpoints(all), 1, true)
    assert.matches("| `limit.amount` | an integer from 0 to 9007199254740991 | milli-USD | "
      .. "required |", endpoints(all), 1, true)
  end)
end)
