-- SPDX-License-Identifier: MIT
-- Whose credential this is. Source: the official SDKs' auth.me.

return {
  {
    name = "me",
    also = { "get", "principal", "read", "retrieve", "whoami" },
    summary = "Tells whose credential this is.",
    method = "GET",
    path = "/compute/v1/auth/me",
    answer = { "KeyPrincipal", "UserPrincipal" },
  },
}
