-- SPDX-License-Identifier: MIT
-- The fault matrix: what a network, a proxy and a server can do wrong, and what a call then comes
-- to. It is data: matrix_spec.lua runs it over real sockets (see run.lua for what a case says), and
-- docs/reliability.md is written from it (see docs.lua).
--
-- `expect` names fields of the error or of the response, and
--   message   a pattern             value     of the call; of a list, the items delivered
--   waits     between attempts      arrivals  requests that reached the server
--   noted     what its script says at the end
--   attempts  a number, or a list of those to which versions of libcurl come
-- An absent `kind` means that the call succeeds, and an absent `value` that there is none.

local GROUPS = {
  "connecting", "head", "body", "kept_alive", "content", "status", "http2", "tls", "proxy", "lists",
}

local matrix = {}
for _, name in ipairs(GROUPS) do
  for _, case in ipairs(require("reliability.matrix." .. name)) do matrix[#matrix + 1] = case end
end
return matrix
