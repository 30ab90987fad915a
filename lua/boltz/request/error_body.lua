-- SPDX-License-Identifier: MIT
-- What the body of a failure says: the service's `{"code", "message", "details"}`, or what gateways
-- and frameworks in front of it send. Sources: RFC 9457, section 3.1, for `title` and `detail`; the
-- others were seen in the wild.

local ascii = require "boltz.ascii"
local core = require "boltz.core"

local LONGEST = 1024 * 1024 -- bytes of a body that is looked into
local VALUES = 16384 -- in JSON
local SHOWN = 8 * 1024 -- bytes of a message or a code
local LOOKED_AT = 4096 -- bytes of HTML in which a title is looked for

-- The beginning of text, without the half of a character at its end.
local function cut(text)
  if #text <= SHOWN then return text end
  local last = SHOWN
  while last > 0 and text:byte(last + 1) >= 128 and text:byte(last + 1) < 192 do last = last - 1 end
  return text:sub(1, last)
end

local function text_of(value)
  return type(value) == "string" and value ~= "" and cut(value) or nil
end

-- The texts of a list, be they its elements or their `msg` or `message`.
local function texts_of(list)
  if type(list) ~= "table" then return nil end
  local texts, length = {}, 0
  for _, element in ipairs(list) do
    local text = text_of(element)
      or type(element) == "table" and (text_of(element.msg) or text_of(element.message))
    if text and length < SHOWN then
      texts[#texts + 1] = text
      length = length + #text
    end
  end
  return texts[1] and cut(table.concat(texts, "; ")) or nil
end

local function title_and_detail(value)
  local title, detail = text_of(value.title), text_of(value.detail) or texts_of(value.detail)
  return title and detail and cut(title .. ": " .. detail) or detail or title
end

local function read_table(value)
  local inner = type(value.error) == "table" and value.error or {}
  return {
    code = text_of(value.code) or text_of(inner.code),
    message = text_of(value.message) or texts_of(value.message)
      or text_of(inner.message) or texts_of(inner.message) or text_of(value.error)
      or title_and_detail(value) or text_of(value.Message),
    details = value.details == nil and inner.details or value.details,
  }
end

-- The text between <title> and </title>.
local function title_of_html(body)
  local head = body:sub(1, LOOKED_AT)
  local lower = ascii.lower(head)
  local _, first = lower:find("<title>", 1, true)
  local last = first and lower:find("</title>", first + 1, true)
  local title = last and ascii.trim(head:sub(first + 1, last - 1))
  return title ~= "" and title or nil
end

--- Reads it.
-- @tparam string body
-- @treturn table code, message (texts of 8 KiB at most), details (as they came); each may be nil;
--   `is_html` where it is no JSON object
return function(body)
  if #body > LONGEST then return {} end
  local value = core.decode(body, VALUES)
  if type(value) == "table" and not core.is_array(value) then return read_table(value) end
  return { message = title_of_html(body), is_html = true }
end
