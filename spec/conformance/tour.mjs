// SPDX-License-Identifier: MIT
//
// The official client's own tour of every admin endpoint and auth.me, against the server that
// BOLTZ_BASE_URL and BOLTZ_API_KEY name. It creates, archives and revokes: point it at an emulator.
// Prints one line a check (TAP) and exits with 1 when one failed.
import { score } from './tour/harness.mjs';

// One after the other: static imports would run side by side.
for (const stop of ['auth', 'workspaces', 'spending_limits', 'api_keys', 'usage']) {
  await import(`./tour/${stop}.mjs`);
}
console.log(`1..${score.run}`);
process.exitCode = score.failed ? 1 : 0;
