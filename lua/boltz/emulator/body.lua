-- SPDX-License-Identifier: MIT
-- A request's JSON body. `core.decode` tells arrays from objects and integers from floats, but
-- leaves null out, as a client wants it; here `{"name": null}` and `{}` are different requests, so
-- a plain lua-cjson pass says where the nulls were.

local core = require "boltz.core"
local cjson = require("cjson").new()
local problem = require "boltz.emulator.problem"

local body = {}

local function restore_nulls(value, with_nulls)
  for key, item in pairs(with_nulls) do
    if item == cjson.null then
      value[key] = core.null
    elseif type(item) == "table" then
      restore_nulls(value[key], item)
    end
  end
end

--- Decodes JSON.
-- @return the value, or nil and what is wrong; nulls in it are `core.null`
function body.decode(text)
  local value, message = core.decode(text)
  if type(value) == "table" then restore_nulls(value, cjson.decode(text)) end
  return value, message
end

--- Reads the body of a request that must have one.
-- @param text the bytes, or nil
-- @param content_type the header's value, or nil
-- @return the value; nulls in it are `core.null`
function body.read(text, content_type)
  if not (content_type or ""):lower():match("^application/json%f[^%w]") then
    problem.raise("bad_request", "Content-Type must be application/json")
  end
  local value, message = body.decode(text or "")
  if value == nil and message then
    problem.raise("bad_request", "The body is not valid JSON: " .. message)
  end
  return value
end

--- Refuses a body where none belongs.
function body.refuse(text)
  if text and text ~= "" then problem.raise("bad_request", "This call takes no body") end
end

return body
