-- SPDX-License-Identifier: MIT
-- How a host waits. A host is a table, and there is one in each module of `boltz.wait.host`:
--
--   wait(engine, waiter)  lets the host run, and steps the engine, until the waiter is over
--   finish(engine, transfer)  optional: the same until a transfer is done, where the host has
--                         nothing else to do
--   yields                optional: it has to yield, which nothing can below a C function
--   wakes_others          optional, false: what it ends may be what others wait for
--   cannot_wait(engine)   optional: why nothing can wait here and now, or nil
--   forget(engine)        optional: the engine's descriptor is about to be closed

local blocking = require "boltz.wait.host.blocking"
local message = require "boltz.check.message"
local tables = require "boltz.tables"

local host = {}

local EXPECTED = [["auto", "blocking", "nginx", "cqueues", "luv", "copas", ]]
  .. "a function that sleeps, or a table with 'poll'"

local NAMES = { blocking = true, copas = true, cqueues = true, luv = true, nginx = true }

-- Unit tests of nginx's Lua code make a table of that name, which can do nothing.
local function is_nginx(ngx)
  return type(ngx) == "table" and type(ngx.config) == "table"
    and type(ngx.config.nginx_version) == "number"
end

--- The host in which this is called, for the option "auto". Only those that can be told for
-- certain: luv and copas may be loaded and not run.
function host.automatic()
  if is_nginx(rawget(_G, "ngx")) then return require "boltz.wait.host.nginx" end
  local cqueues = package.loaded.cqueues
  if cqueues and cqueues.running() then return require "boltz.wait.host.cqueues" end
  return blocking
end

--- The name of the host in which this is called, as far as that can be told.
function host.name()
  local found = host.automatic()
  for name in tables.each(NAMES) do
    if package.loaded["boltz.wait.host." .. name] == found then return name end
  end
end

local function by_name(name, path)
  local found, result = pcall(require, "boltz.wait.host." .. name)
  if found then return result end
  return nil, { path = path, expected = "a loop that this host has",
    got = ("%q, and %s"):format(name, tostring(result):match("^[^\n]*")) }
end

--- What the option `loop` stands for.
-- @treturn function|nil function() -> the host for a wait that begins now
-- @treturn nil|table the mistake
function host.check(option, path)
  if option == "auto" then return host.automatic end
  local chosen, mistake
  if type(option) == "string" and NAMES[option] then
    chosen, mistake = by_name(option, path)
    if not chosen then return nil, mistake end
  elseif type(option) == "function" then
    chosen = require "boltz.wait.host.sleep"(option)
  elseif type(option) == "table" and type(option.wait) == "function" then
    chosen = option
  elseif type(option) == "table" and type(option.poll) == "function" then
    chosen = require "boltz.wait.host.poll"(option.poll)
  else
    return nil, { path = path, expected = EXPECTED, got = message.describe_table(option) }
  end
  return function() return chosen end
end

return host
