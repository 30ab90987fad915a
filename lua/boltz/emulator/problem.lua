-- SPDX-License-Identifier: MIT
-- A refusal. Any function that takes part in answering a request may raise one; `handle` catches it
-- and sends it as the service's error body. Every other error is a mistake in the emulator itself.

local problem = {}

local Problem = {}
Problem.__index = Problem

function Problem:__tostring()
  return self.status .. " " .. self.code .. ": " .. self.message
end

local STATUS = {
  bad_request = 400,
  VALIDATION_ERROR = 400,
  unauthorized = 401,
  forbidden = 403,
  not_found = 404,
  method_not_allowed = 405,
  conflict = 409,
}

--- Ends the request with an error answer.
-- @param code one of the service's error codes
-- @param message for people
-- @param details[opt] a JSON value with more about it
function problem.raise(code, message, details)
  error(setmetatable({
    status = STATUS[code],
    code = code,
    message = message,
    details = details,
  }, Problem), 0)
end

function problem.is(value)
  return getmetatable(value) == Problem
end

--- The error body of the service.
function problem.body(refusal)
  return { code = refusal.code, message = refusal.message, details = refusal.details }
end

return problem
