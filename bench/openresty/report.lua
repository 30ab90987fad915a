-- SPDX-License-Identifier: MIT
-- What wrk says at its end, for the question to read.

-- luacheck: globals done
function done(summary, latency)
  local errors, failed = summary.errors, 0
  for _, kind in ipairs { "connect", "read", "write", "status", "timeout" } do
    failed = failed + errors[kind]
  end
  io.write(("requests=%d failed=%d seconds=%.6f median=%d p99=%d\n"):format(summary.requests,
    failed, summary.duration / 1e6, latency:percentile(50), latency:percentile(99)))
end
