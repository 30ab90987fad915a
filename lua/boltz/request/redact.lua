-- SPDX-License-Identifier: MIT
-- Hides secrets in what comes from outside, before it reaches an error, a response or a log.

local core = require "boltz.core"

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
  return (redact.sent(text, secrets):gsub("(sk_bc_[%w_%-]+)", function(key)
      return #key > 12 and key:sub(1, 12) .. "..." or key
    end)
    :gsub('("key"%s*:%s*")([^"]*)', function(before, key)
      return before .. (#key >= 24 and key:sub(1, 12) or "") .. "..."
    end))
end

--- The same for a value of any shape; a new table for a table.
function redact.value(value, secrets)
  if type(value) == "string" then return redact.text(value, secrets) end
  if type(value) ~= "table" then return value end
  local shown = core.is_array(value) and core.array {} or {}
  for name, field in pairs(value) do
    local shown_name = type(name) == "string" and redact.text(name, secrets) or name
    shown[shown_name] = name == "key" and type(field) == "string" and "..."
      or redact.value(field, secrets)
  end
  return shown
end

return redact
