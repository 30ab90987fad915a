-- SPDX-License-Identifier: MIT
-- The README's table of calls.

local markdown = require "generate.markdown"

local BASE = "/compute/v1"

--- Writes it.
-- @tparam table all what facts.read returns
-- @treturn string the text between the markers
return function(all)
  local rows = {}
  for _, resource in ipairs(all.resources) do
    for _, call in ipairs(resource.calls) do
      local path = call.endpoint.path:match("^" .. BASE .. "(/.*)$")
      rows[#rows + 1] = {
        ("`client.%s(%s)`"):format(call.name, table.concat(call.arguments, ", ")),
        ("%s `%s`"):format(call.endpoint.method, path),
      }
    end
  end
  return markdown.table({ "Call", ("Endpoint (all below `%s`)"):format(BASE) }, rows)
end
