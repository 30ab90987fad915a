-- SPDX-License-Identifier: MIT
-- Which files are written from data, wholly or between two markers, and by what.

local editor = require "generate.editor"
local endpoints = require "generate.endpoints"
local facts = require "generate.facts"
local meta = require "support.meta"
local module = require "generate.module"
local readme = require "generate.readme"
local reliability = require "reliability.docs"

local files = {}

local REFERENCE = [[
<!-- Written by make generate: the calls from lua/boltz/resources and docs/generate/resources, the
rest from lua/boltz/meta.lua and the code. -->
# Reference

]]

local function read(path)
  local file = io.open(path)
  if not file then return "" end
  local text = file:read("*a")
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path .. ".new", "w"))
  assert(file:write(text))
  assert(file:close())
  assert(os.rename(path .. ".new", path))
end

--- Puts text between two markers: lines that have `begin generated NAME` and `end generated NAME`.
-- @tparam string text of the file
-- @tparam string name
-- @tparam string part ends its last line
-- @treturn string the text with it
function files.splice(text, name, part)
  local _, from = text:find("[^\n]*begin generated " .. name .. "[^\n]*\n")
  local to = from and text:find("[^\n]*end generated " .. name, from + 1)
  assert(to, "no place is marked for the generated " .. name)
  return text:sub(1, from) .. "\n" .. part .. "\n" .. text:sub(to)
end

--- What each file should say.
-- @tparam function text_of function(path) -> what it says now
-- @treturn table {path = text}
function files.render(text_of)
  local all = facts.read()
  local types = files.splice(text_of "lua/boltz/meta.lua", "endpoints", editor(all))
  return {
    ["lua/boltz/meta.lua"] = types,
    ["README.md"] = files.splice(text_of "README.md", "calls", readme(all)),
    ["docs/reference.md"] = REFERENCE .. endpoints(all) .. "\n" .. module(meta.read(types)),
    ["docs/reliability.md"] = reliability(),
  }
end

--- The files that are stale.
-- @tparam string root the folder of the tree with its slash, or ""
-- @treturn table list of paths, in order
-- @treturn table {path = what it should say}
function files.stale(root)
  local function text_of(path) return read(root .. path) end
  local rendered, stale = files.render(text_of), {}
  for _, path in ipairs(facts.sorted_names(rendered)) do
    if text_of(path) ~= rendered[path] then stale[#stale + 1] = path end
  end
  return stale, rendered
end

--- Writes those that are stale, or names them.
-- @tparam string root
-- @tparam boolean is_check only names them
-- @treturn boolean whether all is well
function files.run(root, is_check)
  local stale, rendered = files.stale(root)
  for _, path in ipairs(stale) do
    if not is_check then write(root .. path, rendered[path]) end
    print(path .. (is_check and " is stale: make generate" or " is written"))
  end
  return not is_check or #stale == 0
end

return files
