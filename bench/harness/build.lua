-- SPDX-License-Identifier: MIT
-- The candidates in C, built in build/bench; bench/CMakeLists.txt says how.

local build = { folder = "build/bench" }

--- Builds them. What cmake and the compiler say is shown when it fails.
function build.programs()
  local pipe = io.popen(("{ cmake -S bench -B %s && cmake --build %s; } 2>&1 && echo built")
    :format(build.folder, build.folder))
  local output = pipe:read("*a")
  pipe:close()
  if not output:find("built\n$") then error("build/bench cannot be built:\n" .. output, 0) end
end

return build
