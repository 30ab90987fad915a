-- SPDX-License-Identifier: MIT
-- Scripts of test servers that more than one spec needs, for `wire.start` of support/wire.lua.
--
--   local server = wire.start(servers.ECHO)
--   local refusing = wire.start(servers.always("{}", "Retry-After: 30\r\n", "503 Busy"))

local servers = {}

--- Answers each request with its target.
servers.ECHO = [[
  serve(function(c)
    local request = c:request()
    while request do
      c:send(answer(request.target))
      request = c:request()
    end
  end)
]]

--- Never answers, and records "gone TARGET" when the client has left.
servers.SILENCE = [[
  serve(function(c)
    local request = c:request()
    c:hang()
    if request then record("gone " .. request.target) end
  end)
]]

--- Answers the first two requests when both are there, each with its path.
servers.PAIR = [[
  local one, other = accept(), accept()
  local first, second = one:request(), other:request()
  one:send(answer(('{"path":"%s"}'):format(first.target)))
  other:send(answer(('{"path":"%s"}'):format(second.target)))
]]

--- Answers a request with `{"id": ...}`, the last word of its path. A POST, and a request whose
-- word begins with "slow", gets its answer when a request for "release" comes. Records "gone" for
-- each connection that the client ends.
servers.HOLD = [[
  local held = {}
  local function tell(c, id) c:send(answer(('{"id":"%s"}'):format(id))) end
  serve(function(c)
    local request = c:request()
    while request do
      local id = request.target:match("[^/]*$")
      if id:find "^slow" or request.method == "POST" then
        held[#held + 1] = { c, id }
      else
        if id == "release" then
          for _, each in ipairs(held) do tell(each[1], each[2]) end
          held = {}
        end
        tell(c, id)
      end
      request = c:request()
    end
    record "gone"
  end)
]]

--- A list of two pages, "a" and "b", then "c". The first request for the second page gets no
-- answer, and "gone" is recorded when the client has left it.
servers.SECOND_PAGE_HANGS_ONCE = [[
  local pages = 0
  serve(function(c)
    local request = c:request()
    while request do
      if request.target:find "after_id" then
        pages = pages + 1
        if pages == 1 then c:hang() record "gone" return end
        c:send(answer '{"data":[{"id":"c"}],"has_more":false}')
      else
        c:send(answer '{"data":[{"id":"a"},{"id":"b"}],"has_more":true,"last_id":"b"}')
      end
      request = c:request()
    end
  end)
]]

--- Answers each request alike.
-- @tparam string body
-- @tparam[opt] string fields header lines, each with its CRLF
-- @tparam[opt] string status "200 OK" unless given
-- @treturn string a script
function servers.always(body, fields, status)
  return ([[
    local bytes = answer(%q, %q, %q)
    serve(function(c)
      while c:request() do c:send(bytes) end
    end)
  ]]):format(body, fields or "", status or "200 OK")
end

return servers
