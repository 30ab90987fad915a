-- SPDX-License-Identifier: MIT
-- "min" is what Lua 5.1 to 5.5 and LuaJIT all have: the same files run on each of them. What only
-- some of them have is allowed by name, and the code that uses it says what it does elsewhere.
std = "min"
max_line_length = false -- tools/lint counts columns, and in characters
codes = true
read_globals = {
  "jit", "loadstring", "unpack", "utf8",
  ngx = {
    other_fields = true,
    fields = {
      header = { read_only = false, other_fields = true },
      status = { read_only = false },
    },
  },
  debug = { fields = { "getfenv", "getuservalue" } },
  math = { fields = { "maxinteger", "mininteger", "tointeger", "type" } },
  package = { fields = { "searchpath" } },
  table = { fields = { "pack", "unpack" } },
}
-- Methods that a class must have whether or not this one looks at itself.
self = false

-- 512: a spec may leave a loop at once to see what that does.
files["spec"] = { std = "min+busted", ignore = { "512" } }
files[".luacheckrc"] = { std = "luacheckrc" }
