-- SPDX-License-Identifier: MIT
-- The code that a page of docs/ shows, for specs that run it as it stands there. A block belongs to
-- a file when the line before it is the file's name, alone and in backticks.
--
--   page.files("docs/embedding/nginx.md")["nginx.conf"]
--   page.write("docs/embedding/nginx.md", "/tmp/x")   -- each file into that folder

local page = {}

local ROOT = debug.getinfo(1, "S").source:match("^@(.*)spec/support/page%.lua$")

--- The files that a page shows, by name.
function page.files(path)
  local files = {}
  local name, lines
  for line in io.lines(ROOT .. path) do
    if lines and line == "```" then
      files[name] = table.concat(lines, "\n") .. "\n"
      name, lines = nil, nil
    elseif lines then
      lines[#lines + 1] = line
    elseif name and line:match("^```%w") then
      lines = {}
    elseif line ~= "" then
      name = line:match("^`([%w_.-]+)`$")
    end
  end
  return files
end

--- Writes each file that a page shows into a folder.
-- @return the files, by name
function page.write(path, folder)
  local files = page.files(path)
  for name, text in pairs(files) do
    local file = assert(io.open(folder .. "/" .. name, "w"))
    file:write(text)
    file:close()
  end
  return files
end

return page
