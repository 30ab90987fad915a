-- SPDX-License-Identifier: MIT
-- The tasks of a client that is written by hand, of which `client:get(path)` gives the decoded
-- answer for what follows after /workspaces.

local ID = "ws_0000000000000001"
local PAGE, PAGES = 100, 200

--- @tparam table measure of measure.lua
-- @tparam function connect function(base_url) -> client
return function(measure, connect)
  local tasks = {}

  function tasks.retrieve(url, count)
    local client = connect(url)
    return measure.repeated(count, function()
      assert(client:get("/" .. ID).id == ID, "the answer has another id")
    end)
  end

  function tasks.page(url, count)
    local client = connect(url)
    return measure.repeated(count, function()
      assert(#client:get("").data == PAGE, "the page has not 100 items")
    end)
  end

  function tasks.pages(url, count)
    local client = connect(url)
    return measure.repeated(count, function()
      local items, query = 0, ""
      repeat
        local page = client:get(query)
        items = items + #page.data
        query = "?after_id=" .. page.last_id
      until not page.has_more
      assert(items == PAGES * PAGE, "the pages have not 20,000 items")
    end)
  end

  return tasks
end
