-- SPDX-License-Identifier: MIT
-- Values as JSON text: for the bodies of requests, and for `boltz.json.encode`.

local core = require "boltz.core"
local message = require "boltz.check.message"
local sanitize = require "boltz.check.sanitize"
local tables = require "boltz.tables"

local PATH_SHOWN = 200 -- bytes, of its end

-- The name in messages of what is no JSON. `path` is what the core says: "", "a.b" or "[2].b".
local function name_of(root, prefix, path)
  if path == "" then return root end
  if path:find("sk_bc_", 1, true) then return "(an API key)" end
  if path:sub(1, 1) == "[" then prefix = root end
  if #path > PATH_SHOWN then path = "..." .. path:sub(-PATH_SHOWN) end
  return prefix .. sanitize(path)
end

--- Encodes a value, as it is seen.
-- @param value
-- @tparam string root its name in messages
-- @tparam string prefix before the names of its fields in messages, such as "body."
-- @treturn string|nil the text
-- @treturn nil|table the mistake
return function(value, root, prefix)
  local plain, hidden = tables.plain(value)
  local text, got, path
  if hidden then
    got, path = hidden, ""
  else
    text, got, path = core.encode(plain)
  end
  if text then return text end
  if value == nil then got = message.describe(value) end
  return nil, { path = name_of(root, prefix, path), expected = "a JSON value", got = got }
end
