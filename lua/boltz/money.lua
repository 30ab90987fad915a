-- SPDX-License-Identifier: MIT
-- `boltz.money`: amounts in milli-USD, as the service has them, to and from what people read.
--
-- Functions return nil and the text of a mistake; the wrapper in init raises it.

local message = require "boltz.check.message"

local money = {}

local UNLIMITED = "9007199254740991" -- 2^53 - 1
local BELOW = 1e12 -- USD, from where on doubles lie too far apart for each thousandth

-- The digits of a whole number, with its sign; nil where it is none. A number that this Lua cannot
-- hold exactly comes from the service as text.
local function whole_digits(value)
  if type(value) == "number" then
    if value % 1 ~= 0 or value - value ~= 0 then return nil end
    if value == 0 then return "0" end -- a double may be -0
    return ((math.type or type)(value) == "integer" and "%d" or "%.0f"):format(value)
  end
  return type(value) == "string" and value:match("^%-?[1-9][0-9]*$") or value == "0" and value
    or nil
end

--- Writes an amount.
-- @param milli_usd
-- @treturn string|nil such as `$250.00`, with a third decimal where that is not 0
-- @treturn nil|string the mistake
function money.format(milli_usd)
  local digits = whole_digits(milli_usd)
  if not digits then
    return nil, message.of("parameter", "boltz.money.format", { path = "milli_usd",
      expected = "a whole number of milli-USD", got = message.describe(milli_usd) })
  end
  if digits == UNLIMITED then return "unlimited" end
  local sign, rest = digits:match("^(%-?)(.*)$")
  rest = ("0"):rep(4 - #rest) .. rest
  return ("%s$%s.%s"):format(sign, rest:sub(1, -4), (rest:sub(-3):gsub("0$", "")))
end

local function refuse(amount, reason)
  return nil, message.of("parameter", "boltz.money.usd", { path = "amount",
    expected = 'US dollars such as 28.99 or "28.99"', got = message.describe(amount) .. reason })
end

-- Digit by digit: no double comes in between.
local function from_text(text)
  local sign, whole, decimals = text:match("^(%-?)0*([0-9]+)%.?([0-9]*)$")
  if not whole or text:sub(-1) == "." then return refuse(text, "") end
  if #decimals > 3 then return refuse(text, ", with more than three decimals") end
  local digits = (whole .. decimals .. ("0"):rep(3 - #decimals)):gsub("^0+([0-9])", "%1")
  if #digits > #UNLIMITED or #digits == #UNLIMITED and digits > UNLIMITED then
    return refuse(text, ", more than 9007199254740.991")
  end
  return tonumber(digits ~= "0" and sign .. digits or digits)
end

-- Of the numbers with at most three decimals each is the double nearest to one amount.
local function from_number(number)
  if number - number ~= 0 then return refuse(number, "") end
  if number <= -BELOW or number >= BELOW then
    return refuse(number, "; from 10^12 on give it as text")
  end
  local milli = math.floor(number * 1000.0 + 0.5)
  if milli / 1000 ~= number then
    return refuse(number, "; round it first: math.floor(amount * 1000 + 0.5) / 1000")
  end
  return milli
end

--- Reads US dollars.
-- @param amount a number, or text with at most three decimals
-- @treturn integer|nil milli-USD
-- @treturn nil|string the mistake
function money.usd(amount)
  if type(amount) == "string" then return from_text(amount) end
  if type(amount) == "number" then return from_number(amount) end
  return refuse(amount, "")
end

return money
