-- SPDX-License-Identifier: MIT
-- Two ways in which bin/boltz-emulator runs the nginx that serves: beside a command, with which it
-- ends, and in the background.
--
-- Both start it in a session of its own, where no key of a terminal reaches it, and read from a
-- pipe what it prints.

local files = require "boltz.emulator.files"
local process = require "boltz.emulator.process"

local beside = {}

local PASSED_ON = { process.HUP, process.INT, process.QUIT, process.TERM, process.USR1,
  process.USR2 }
local KEPT = { process.CHLD } -- signals
for _, number in ipairs(PASSED_ON) do KEPT[#KEPT + 1] = number end

local TRUST = { "CURL_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS" }
local A_DAY = 86400 -- seconds

-- Starts it. Returns its process and what it printed by name; this process ends when it did not
-- come to that.
local function start(folder, serve)
  local reader, writer = process.pipe()
  local service = process.fork(function()
    process.close(reader)
    process.silence(0)
    process.move(writer, 1)
    serve()
  end)
  process.close(writer)
  local printed = {}
  for line in process.lines(reader) do
    local name, value = line:match("^([A-Z_]+)=(.*)$")
    if name then printed[name] = value end
    if name == "PID" then return service, printed end
  end
  process.await(service)
  files.remove(folder)
  os.exit(1)
end

-- The variables that a client of it needs, as a list of names and values.
local function environment(printed)
  local list = { { "BOLTZ_BASE_URL", printed.BOLTZ_BASE_URL },
    { "BOLTZ_API_KEY", printed.BOLTZ_API_KEY } }
  for _, name in ipairs(printed.CA_FILE and TRUST or {}) do
    list[#list + 1] = { name, printed.CA_FILE }
  end
  return list
end

-- The descriptors that the program was started with.
local function descriptors_in(folder)
  local set = {}
  for number in (files.read(folder, "descriptors") or ""):gmatch("%d+") do
    set[tonumber(number)] = true
  end
  return set
end

local function command_in(folder)
  local words = {}
  for word in files.read(folder, "command"):gmatch("([^%z]*)%z") do words[#words + 1] = word end
  return words
end

local function run_command(words, printed, inherited)
  process.hand_on(inherited)
  -- A shell that starts this program with & has it ignore these, and one that is meant for the
  -- command would be lost.
  process.reset_signals(process.INT, process.QUIT)
  for _, name in ipairs{ "LUA_PATH", "LUA_CPATH" } do
    local kept = "BOLTZ_EMULATOR_" .. name
    process.set_environment(name, os.getenv(kept))
    process.set_environment(kept, nil)
  end
  for _, variable in ipairs(environment(printed)) do
    process.set_environment(variable[1], variable[2])
  end
  process.become_command(words)
end

-- Passes signals on until the command has ended. What a terminal's key sends has reached it
-- already.
local function accompany(command)
  local status
  repeat
    local number, by_kernel = process.next_signal(A_DAY)
    if number and number ~= process.CHLD and not by_kernel then process.signal(command, number) end
    status = process.ended(command)
  until status
  return status
end

--- Runs the command of the folder, and ends this process with its status.
-- @param folder
-- @param serve function that becomes nginx
function beside.run(folder, serve)
  local command, inherited = command_in(folder), descriptors_in(folder)
  local take_signals = process.keep_signals(KEPT)
  local service, printed = start(folder, function()
    process.detach()
    take_signals()
    serve()
  end)
  local status
  local early = process.early_signal(process.CHLD)
  if early then
    status = 128 + early
  else
    status = accompany(process.fork(function()
      take_signals()
      run_command(command, printed, inherited)
    end))
  end
  process.signal(service, process.TERM)
  process.await(service)
  files.remove(folder)
  os.exit(status)
end

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- Lets it run on, and ends this process when it has printed, for a shell, where it is.
-- @param folder
-- @param serve function that becomes nginx
function beside.leave(folder, serve)
  local inherited = descriptors_in(folder)
  local _, printed = start(folder, function()
    process.detach()
    process.close_all(inherited) -- a reader that waits for their end would wait for the emulator's
    serve()
  end)
  local list = environment(printed)
  list[#list + 1] = { "BOLTZ_EMULATOR_PID", printed.PID }
  for _, variable in ipairs(list) do
    io.stdout:write("export ", variable[1], "=", quoted(variable[2]), "\n")
  end
  io.stdout:flush()
  os.exit(0)
end

return beside
