-- SPDX-License-Identifier: MIT
-- A change: a call that changes something. Where its caller is ended before it can know what came
-- of the call (a task of a map that is left, a script by Ctrl-C), the log tells: what was made must
-- not vanish.

local log = require "boltz.request.log"
local redact = require "boltz.request.redact"
local tables = require "boltz.tables"

local Change = {}
Change.__index = Change

local LOST = "no result tells what became of this call"
local MOST_IDS = 8
local SHOWN = 256 -- bytes of an id, and of a path

--- Makes one.
-- @tparam table settings of the client
-- @tparam table call see call.lua
-- @tparam table execution of the call
function Change.new(settings, call, execution)
  return setmetatable({
    _settings = settings,
    _call = call,
    _execution = execution,
    _has_ended = false,
    _was_left = false, -- ended after its task
    _ids = nil, -- that the answer names
    _response = nil,
    _error = nil,
  }, Change)
end

-- The ids of an answer and of what stands in it, such as the details of a key.
local function ids_of(value)
  if type(value) ~= "table" then return nil end
  local ids = {}
  local function add(id)
    if type(id) == "string" and #ids < MOST_IDS then ids[#ids + 1] = id:sub(1, SHOWN) end
  end
  add(value.id)
  for _, field in tables.each(value) do
    if type(field) == "table" then add(field.id) end
  end
  table.sort(ids)
  return #ids > 0 and table.concat(ids, " ") or nil
end

function Change:_note(value, err, response, text)
  self._has_ended = true
  self._ids, self._error, self._response = ids_of(value), err, response
  return value, err, response, text
end

-- What pcall returned of the execution's end.
function Change:_conclude(done, ...)
  if done then return self:_note(...) end
  self:abandon()
  error((...), 0)
end

--- Brings the call to its end. An error out of the waiting, such as Ctrl-C, ends it, too.
-- @return as of Execution:finish
function Change:perform()
  return self:_conclude(pcall(self._execution.finish, self._execution))
end

--- Whether an attempt is under way.
function Change:is_under_way()
  return not self._has_ended and self._execution:is_under_way()
end

--- Brings only the attempt that is under way to its end.
function Change:settle()
  self._was_left = true
  self:_note(self._execution:settle())
end

--- Ends the attempt that is under way, and tells the log what became of the call, if that would be
-- lost.
function Change:abandon()
  if self:is_under_way() then
    self._execution:cancel()
    self:settle()
  end
  self:report()
end

-- Whether there is nothing to tell: nothing was sent, or the function was told that nothing was
-- changed, or it has raised just that.
function Change:_is_known(raised)
  if not self._has_ended then return true end
  local err = self._error
  return err and (err == raised or not (self._was_left or err.maybe_applied))
end

--- Tells the log what became of it, if that would be lost.
-- @param[opt] raised what is raised in its place: an error of a call tells of itself
function Change:report(raised)
  if not self._has_ended and self._execution.attempts > 0 then self:settle() end
  if self:_is_known(raised) then return end
  local call, err, secrets = self._call, self._error, self._execution.secrets
  log.write(self._settings, "warn", LOST, {
    method = call.method,
    path = call.template,
    url_path = redact.text(call.path:sub(1, SHOWN), secrets),
    ids = self._ids and redact.text(self._ids, secrets),
    status = (err or self._response).status,
    error = err and err.kind,
    maybe_applied = err and err.maybe_applied or false,
    attempts = self._execution.attempts,
    request_id = (err or self._response).request_id,
    call = self._execution.number,
    context = call.options.context,
  })
end

return Change
