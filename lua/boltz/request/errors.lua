-- SPDX-License-Identifier: MIT
-- The one kind of table that a call returns when it fails for reasons outside the program.

local caller = require "boltz.check.caller"
local duration = require "boltz.request.duration"
local names = require "boltz.check.names"
local sanitize = require "boltz.check.sanitize"

local errors = {}

local Error = { __name = "boltz.error" }
Error.__index = Error

local KINDS = {
  [400] = "bad_request",
  [401] = "authentication",
  [403] = "permission_denied",
  [404] = "not_found",
  [409] = "conflict",
  [422] = "unprocessable_entity",
  [429] = "rate_limit",
}

--- The kind of error that a status stands for.
-- @tparam integer status other than 2xx
function errors.kind_of_status(status)
  if KINDS[status] then return KINDS[status] end
  if status >= 500 and status <= 599 then return "internal_server" end
  if status >= 300 and status <= 399 then return "redirect" end
  return "status"
end

-- The service's message, or ours, then what one needs to look into it, and the line of the caller.
function Error:__tostring()
  local about = {}
  if self.status then
    about[#about + 1] = self.code and ("%d %s"):format(self.status, self.code)
      or ("status %d"):format(self.status)
  end
  if self.method and self.kind ~= "read_only" then -- whose message names them
    about[#about + 1] = ("%s %s"):format(self.method, self.path)
  end
  if self.attempts and self.attempts > 1 then
    about[#about + 1] = ("%d attempts"):format(self.attempts)
  end
  if self.status and self.retry_after then -- without a status the message has it
    about[#about + 1] = "retry after " .. duration.readable(self.retry_after)
  end
  if self.maybe_applied then about[#about + 1] = "may have been applied" end
  if self.request_id then about[#about + 1] = "request " .. self.request_id end
  local tail = #about > 0 and (" (%s)"):format(table.concat(about, ", ")) or ""
  local place = self.where and " at " .. self.where or ""
  return sanitize(("%s: %s%s%s"):format(self.kind, self.message, tail, place))
end

function Error.__concat(left, right)
  return tostring(left) .. tostring(right)
end

--- Makes an error of its fields: kind and message, and those of the contract that are known.
function errors.new(fields)
  fields.message = sanitize(fields.message)
  return setmetatable(fields, Error)
end

--- Whether a value is such an error.
function errors.is_error(value, other)
  local mistake = other ~= nil and names.colon(value, "is_error", errors.is_error)
  if mistake then caller.raise(mistake) end
  return type(value) == "table" and getmetatable(value) == Error
end

--- Raises what was raised in another coroutine. An error from one that runs no function of the
-- caller's has its place here.
function errors.raise_again(value)
  if errors.is_error(value) then value.where = value.where or caller.place() end
  error(value, 0)
end

return errors
