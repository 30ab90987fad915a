-- SPDX-License-Identifier: MIT
-- Hides secrets in what comes from outside, before it reaches an error, a response or a log.

local core = require "boltz.core"
local tables = require "boltz.tables"

local redact = {}

--- Text, without the secrets that went out with the request.
-- @tparam string text
-- @tparam[opt] table secrets a list
function redact.sent(text, secrets)
  for i = 1, secrets and #secrets or 0 do text = core.conceal(text, secrets[i]) end
  return text
end

--- Text, without these, without whatever has the form of a key, and without what api_keys.create
-- answers with, also in a body that is cut short and no longer parses.
function redact.text(text, secrets)
  return (redact.sent(text, secrets):gsub("(sk_bc_[A-Za-z0-9_-]+)", function(key)
      return #key > 12 and key:sub(1, 12) .. "..." or key
    end)
    :gsub('("key"[ \t\r\n]*:[ \t\r\n]*")([^"]*)', function(before, key)
      return before .. (#key >= 24 and key:sub(1, 12) or "") .. "..."
    end))
end

local VALUE_SHOWN = 8 * 1024 -- bytes of text in a value
local DEPTH = 100

local function shown_part(value, secrets, budget, depth)
  if type(value) == "string" then
    local part = value:sub(1, math.max(0, budget.left))
    budget.left = budget.left - #part - 1
    return redact.text(part, secrets)
  end
  budget.left = budget.left - 1
  if type(value) ~= "table" or depth > DEPTH then return type(value) ~= "table" and value or nil end
  local shown = setmetatable({}, core.is_array(value) and getmetatable(value) or nil)
  for name, field in tables.each(value) do
    if budget.left <= 0 then break end
    local shown_name = name
    if type(name) == "string" then shown_name = shown_part(name, secrets, budget, depth) end
    shown[shown_name] = name == "key" and type(field) == "string" and "..."
      or shown_part(field, secrets, budget, depth + 1)
  end
  return shown
end

--- The same for a value of any shape, of which 8 KiB of text are shown; a new table for a table.
function redact.value(value, secrets)
  return shown_part(value, secrets, { left = VALUE_SHOWN }, 1)
end

return redact
