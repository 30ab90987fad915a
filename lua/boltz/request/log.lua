-- SPDX-License-Identifier: MIT
-- Log lines with a level, to the user's function or to standard error.

local core = require "boltz.core"
local log_line = require "boltz.request.log_line"

local log = {}

local RANKS = { off = 0, error = 1, warn = 2, info = 3, debug = 4 }

local stderr = rawget(_G, "io") and io.stderr -- a sandbox may have none

local function to_stderr(level, message, fields)
  local line = log_line.of(core.wall(), level, message, fields)
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
