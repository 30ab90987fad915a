-- SPDX-License-Identifier: MIT
-- Processes, descriptors and signals for bin/boltz-emulator, by the FFI of nginx's Lua. Structures
-- and constants are those of Linux.

local ffi = require "ffi"

ffi.cdef[[
  typedef struct { uint64_t words[16]; } boltz_signals;
  typedef struct { int signal, problem, code, rest[29]; } boltz_signal_info;
  typedef struct { long seconds, nanoseconds; } boltz_time;
  int fork(void);
  int setsid(void);
  int getpid(void);
  int getppid(void);
  int waitpid(int pid, int *status, int options);
  int execv(const char *path, const char *const argv[]);
  int execvp(const char *file, const char *const argv[]);
  void _exit(int status);
  int pipe(int descriptors[2]);
  long read(int descriptor, void *buffer, size_t size);
  int open(const char *path, int flags, ...);
  int close(int descriptor);
  int dup2(int from, int to);
  int fcntl(int descriptor, int command, ...);
  int kill(int pid, int signal);
  int sigemptyset(boltz_signals *set);
  int sigaddset(boltz_signals *set, int signal);
  int sigprocmask(int how, const boltz_signals *set, boltz_signals *before);
  int sigtimedwait(const boltz_signals *set, boltz_signal_info *info, const boltz_time *time);
  void (*signal(int number, void (*handler)(int)))(int);
  int setenv(const char *name, const char *value, int overwrite);
  int unsetenv(const char *name);
  char *strerror(int code);
]]

local C = ffi.C

local process = { HUP = 1, INT = 2, QUIT = 3, USR1 = 10, USR2 = 12, TERM = 15, CHLD = 17 }

local SIG_BLOCK, SIG_SETMASK = 0, 2
local SI_KERNEL = 0x80 -- who sent a signal: the kernel, say for a key of the terminal
local WNOHANG = 1
local F_SETFD, FD_CLOEXEC = 2, 1
local O_RDWR = 2
local LAST_DESCRIPTOR = 255 -- of those that may have been handed on
local ENOENT = 2

--- Why the last call failed.
function process.reason()
  return ffi.string(C.strerror(ffi.errno()))
end

local function argv_of(words)
  local argv = ffi.new("const char *[?]", #words + 1) -- zeroed, so it ends in NULL
  for i, word in ipairs(words) do argv[i - 1] = word end
  return argv
end

--- Becomes another program; returns if it cannot.
function process.become(words)
  C.execv(words[1], argv_of(words))
end

--- Becomes a command, which is looked for in PATH; ends as a shell does if it cannot.
function process.become_command(words)
  C.execvp(words[1], argv_of(words))
  local status = ffi.errno() == ENOENT and 127 or 126
  io.stderr:write("boltz-emulator: cannot run ", words[1], ": ", process.reason(), "\n")
  C._exit(status)
end

--- Runs a function in a process of its own, which ends with it.
-- @return its id
function process.fork(fn)
  local pid = C.fork()
  if pid < 0 then error("cannot make a process: " .. process.reason(), 0) end
  if pid > 0 then return pid end
  local ok, message = pcall(fn)
  if not ok then io.stderr:write("boltz-emulator: ", tostring(message), "\n") end
  C._exit(1)
end

--- A pipe: the descriptor to read from and the one to write to.
function process.pipe()
  local ends = ffi.new("int[2]")
  if C.pipe(ends) ~= 0 then error("cannot make a pipe: " .. process.reason(), 0) end
  return ends[0], ends[1]
end

process.close = C.close

--- Makes one descriptor another.
function process.move(from, to)
  C.dup2(from, to)
  C.close(from)
end

--- Has these descriptors lead nowhere.
function process.silence(...)
  local null = C.open("/dev/null", O_RDWR)
  for _, descriptor in ipairs{ ... } do C.dup2(null, descriptor) end
  if null > 2 then C.close(null) end
end

--- The lines that come from a pipe, as an iterator.
function process.lines(descriptor)
  local buffer, text = ffi.new("char[4096]"), ""
  return function()
    while not text:find("\n", 1, true) do
      local count = tonumber(C.read(descriptor, buffer, 4096))
      if count <= 0 then return nil end
      text = text .. ffi.string(buffer, count)
    end
    local line, rest = text:match("^([^\n]*)\n(.*)$")
    text = rest
    return line
  end
end

-- Calls a function for each descriptor but the first three, with whether it is in a set.
local function each_descriptor(set, fn)
  for descriptor = 3, LAST_DESCRIPTOR do fn(descriptor, set[descriptor]) end
end

--- A program that is run hereafter gets the descriptors of a set and no others.
function process.hand_on(set)
  each_descriptor(set, function(descriptor, is_its)
    if not is_its then C.fcntl(descriptor, F_SETFD, ffi.cast("int", FD_CLOEXEC)) end
  end)
end

--- Closes the descriptors of a set.
function process.close_all(set)
  each_descriptor(set, function(descriptor, is_its)
    if is_its then C.close(descriptor) end
  end)
end

--- Sets a variable of the environment; nil takes it away.
function process.set_environment(name, value)
  if value then C.setenv(name, value, 1) else C.unsetenv(name) end
end

--- Has signals do what they do by themselves.
function process.reset_signals(...)
  for _, number in ipairs{ ... } do C.signal(number, nil) end
end

--- Keeps signals until they are asked for.
-- @param list of their numbers
-- @return a function that has the process take them again as it did
function process.keep_signals(list)
  local set, before = ffi.new("boltz_signals"), ffi.new("boltz_signals")
  C.sigemptyset(set)
  for _, number in ipairs(list) do C.sigaddset(set, number) end
  C.sigprocmask(SIG_BLOCK, set, before)
  process.reset_signals(process.CHLD) -- where it is ignored, no process leaves its status
  process._kept = set
  return function() C.sigprocmask(SIG_SETMASK, before, nil) end
end

--- The next of the kept signals.
-- @param seconds to wait for one
-- @return its number, or nil; and whether the kernel sent it
function process.next_signal(seconds)
  local info = ffi.new("boltz_signal_info")
  local number = C.sigtimedwait(process._kept, info, ffi.new("boltz_time", seconds, 0))
  if number > 0 then return number, info.code == SI_KERNEL end
end

--- The first of the kept signals that are there already, but for one.
function process.early_signal(but)
  repeat
    local number = process.next_signal(0)
    if number ~= but then return number end
  until not number
end

process.signal = C.kill
process.detach = C.setsid -- from the terminal
process.id = C.getpid
process.parent = C.getppid

-- The status that a shell would give to what waitpid says of a process.
local function status_of(word)
  local signal = word % 128
  return signal == 0 and math.floor(word / 256) % 256 or 128 + signal
end

--- How a process has ended: its exit status, or 128 and the signal's number; nil: not yet.
function process.ended(pid)
  local word = ffi.new("int[1]")
  if C.waitpid(pid, word, WNOHANG) == pid then return status_of(word[0]) end
end

--- Waits for the end of a process.
function process.await(pid)
  C.waitpid(pid, ffi.new("int[1]"), 0)
end

return process
