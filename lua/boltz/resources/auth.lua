-- SPDX-License-Identifier: MIT
-- Whose credential this is. Source: the official SDKs' auth.me.

return {
  {
    name = "me",
    summary = "Tell the organization, type, mode and workspace of the credential in use.",
    method = "GET",
    path = "/compute/v1/auth/me",
  },
}
