-- SPDX-License-Identifier: MIT
local child = require "support.child"

describe("a curl_multi", function()
  it("has no descriptor that a child of the process inherits", function()
    local output = child.run [[
      local core = require "boltz.core"
      local function inherited()
        local pipe = io.popen "readlink /proc/self/fd/* | grep -c -e socket: -e anon_inode:"
        local count = pipe:read "*n"
        pipe:close()
        return count
      end
      local before = inherited()
      local engines = {}
      for i = 1, 3 do
        engines[i] = core.engine()
        engines[i]:pollfd()
      end
      print(before, inherited() - before)
    ]]
    if not output:find "^%d" then return pending "this system has no /proc" end
    assert.matches("^%d+%s+0\n$", output)
  end)
end)
