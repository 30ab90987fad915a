-- SPDX-License-Identifier: MIT
-- A session: what a client and its copies share, which are its users.
--
--   transport   carries attempts (wait/transport.lua)      clock    now, wall and random
--   budget      of retries (request/retry_budget.lua)      cooldown after a 429
--   calls       how many have begun
--
-- The clock is the transport's where that has one of its own.

local Change = require "boltz.request.change"
local Cooldown = require "boltz.request.cooldown"
local InProcess = require "boltz.wait.in_process"
local RetryBudget = require "boltz.request.retry_budget"
local Transport = require "boltz.wait.transport"
local changes = require "boltz.wait.changes"
local core = require "boltz.core"
local execution = require "boltz.request.execution"
local tables = require "boltz.tables"
local task = require "boltz.wait.task"

local Session = {}
Session.__index = Session

local CLOCK = { now = core.now, wall = core.wall, random = core.random }

--- Makes one for a client's settings.
function Session.new(settings)
  local transport = settings.transport and InProcess.new(settings.transport, settings.loop)
    or Transport.new(settings.loop)
  return setmetatable({
    transport = transport,
    budget = RetryBudget.new(),
    cooldown = Cooldown.new(),
    clock = transport.clock or CLOCK,
    calls = 0,
  }, Session)
end

-- What one client is to the session.
local User = {}
User.__index = User

--- A user more, with a client's settings.
function Session:join(settings)
  return setmetatable({
    session = self,
    settings = settings,
    is_closed = false,
    executions = setmetatable({}, { __mode = "k" }), -- of its calls that are under way
  }, User)
end

--- Performs a call: value, nil, response, text of the body | nil, error. If it changes something,
-- the task in which it is made remembers it, if there is one.
function User:perform(call)
  if self.settings.read_only and call.method ~= "GET" then return execution.withhold(self, call) end
  local begun = execution.begin(self, call)
  if call.method == "GET" then return begun:finish() end
  local change = Change.new(self.settings, call, begun)
  changes.note(task.current(), { change })
  return change:perform()
end

--- Begins a call whose end will be wanted later, and returns its execution.
User.start = execution.start

--- Ends its calls, at once, and frees the connections that the other users' calls do not use. These
-- users may be copies that are forgotten, so it is not for the last of them. May be called again.
function User:leave()
  if self.is_closed then return end
  self.is_closed = true
  for each in tables.each(self.executions) do each:cancel() end
  self.session.transport:wake() -- for calls that wait before they try again
  self.session.transport:release()
end

return Session
