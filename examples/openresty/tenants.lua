-- SPDX-License-Identifier: MIT
-- Who may use the gateway: tokens, and the workspace of each. The master reads this file as root,
-- so the workers' user need not be able to: `chown root`, `chmod 600`. Make tokens with
-- `openssl rand -hex 32`; those below are for trying it out with the emulator.
return {
  ["trial-token-of-north"] = { name = "north", workspace = "ws_of_north", mode = "test" },
  ["trial-token-of-south"] = { name = "south", workspace = "ws_of_south", mode = "test" },
}
