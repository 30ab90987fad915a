-- SPDX-License-Identifier: MIT
-- Log lines with a level, to the user's function or to standard error.

local sanitize = require "boltz.check.sanitize"
local tables = require "boltz.tables"

local log = {}

local RANKS = { off = 0, error = 1, warn = 2, info = 3, debug = 4 }

local stderr = rawget(_G, "io") and io.stderr -- a sandbox may have none

local function to_stderr(level, message, fields)
  local names, words = {}, {}
  for name in tables.each(fields) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    words[#words + 1] = (" %s=%s"):format(name, tostring(fields[name]))
  end
  local line = ("boltz %s: %s"):format(level, sanitize(message .. table.concat(words)))
  if stderr then
    stderr:write(line, "\n")
  else
    print(line)
  end
end

--- Whether lines of a level are asked for, before one is put together at some cost.
function log.wants(settings, level)
  return RANKS[level] <= RANKS[settings.log_level]
end

--- Writes a line if the level is asked for. A logger that raises must not cost the caller the
-- answer of a call that has been made, so that is reported and no more.
-- @tparam table settings of the client: logger, log_level
-- @tparam string level error, warn, info or debug
-- @tparam string message
-- @tparam table fields name -> value, without secrets
function log.write(settings, level, message, fields)
  if not log.wants(settings, level) then return end
  local done, raised = pcall(settings.logger or to_stderr, level, message, fields)
  -- The own __tostring of what was raised may raise as well.
  if not done then pcall(to_stderr, "error", "the logger raised", { problem = raised }) end
end

return log
