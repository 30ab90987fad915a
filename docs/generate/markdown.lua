-- SPDX-License-Identifier: MIT
-- Pieces of Markdown.

local markdown = {}

local function cell(text)
  return (tostring(text):gsub("|", "\\|"))
end

local function row(cells)
  local written = {}
  for i, text in ipairs(cells) do written[i] = cell(text) end
  return ("| " .. table.concat(written, " | ") .. " |\n"):gsub("  +", " ")
end

--- A table, without the columns in which no row has anything.
-- @tparam table head texts
-- @tparam table rows lists of as many texts
function markdown.table(head, rows)
  local kept = {}
  for column = 1, #head do
    local is_used = false
    for _, cells in ipairs(rows) do is_used = is_used or cells[column] ~= "" end
    if is_used then kept[#kept + 1] = column end
  end
  local function pick(cells)
    local picked = {}
    for i, column in ipairs(kept) do picked[i] = cells[column] end
    return row(picked)
  end
  local lines = { pick(head), ("|---"):rep(#kept) .. "|\n" }
  for _, cells in ipairs(rows) do lines[#lines + 1] = pick(cells) end
  return table.concat(lines)
end

--- A link to a heading of the same page, as GitHub and Forgejo name them.
function markdown.link(heading)
  return ("[%s](#%s)"):format(heading, heading:lower():gsub("[^%w_ -]", ""):gsub(" ", "-"))
end

--- Code of Lua.
function markdown.lua(code)
  return "```lua\n" .. code .. "```\n"
end

return markdown
