-- SPDX-License-Identifier: MIT
-- The part of docs/reference.md about everything but the calls. Its words are those that
-- lua/boltz/meta.lua has for editors; the bounds of options come from the code.

local facts = require "generate.facts"
local markdown = require "generate.markdown"
local message = require "boltz.check.message"
local options = require "boltz.options"

local described = options.descriptions

local function sentence(text)
  return (text:gsub("^%l", string.upper)) .. (text:find("%.$") and "" or ".")
end

-- ---- options

local IN_WORDS = { boolean = true, enum = true, integer = true, number = true, string = true }

-- `default` stands last in the words for editors.
local function split_default(text)
  local words, default = (" " .. text):match("^(.-);? default (.*)$")
  return (words or text):match("^%s*(.*)$"), default or ""
end

local function options_table(types, class, descriptions)
  local fields, rows = types:fields(class), {}
  for _, name in ipairs(facts.sorted_names(descriptions)) do
    local field = assert(fields[name], "lua/boltz/meta.lua does not know the option " .. name)
    local description = descriptions[name]
    local words, default = split_default(field.text)
    rows[#rows + 1] = { ("`%s`"):format(name), IN_WORDS[description.type]
      and message.expectation(description) or ("`%s`"):format(field.type), default,
      words == "" and "" or sentence(words) }
  end
  return markdown.table({ "Option", "Takes", "Default", "Meaning" }, rows)
end

-- What a list or a request to a path takes beside the options of any request.
local function added(descriptions)
  local own = {}
  for name, description in pairs(descriptions) do
    if not described.request[name] then own[name] = description end
  end
  return own
end

-- ---- classes

local function fields_table(types, class)
  local fields, rows = types:fields(class), {}
  for _, name in ipairs(facts.sorted_names(fields)) do
    local field = fields[name]
    rows[#rows + 1] = { ("`%s`"):format(name),
      ("`%s`"):format(field.type) .. (field.optional and " or nil" or ""),
      field.text == "" and "" or sentence(field.text) }
  end
  return markdown.table({ "Field", "Type", "Meaning" }, rows)
end

local function parameters_table(params)
  local rows = {}
  for _, param in ipairs(params) do
    rows[#rows + 1] = { ("`%s`"):format(param.name), ("`%s`"):format(param.type)
      .. (param.optional and " or nil" or ""), param.text == "" and "" or sentence(param.text) }
  end
  return #rows > 0 and "\n" .. markdown.table({ "Argument", "Type", "Meaning" }, rows) or ""
end

-- What it returns. The nils and the second pager of a list are for a generic `for`.
local function results_of(returns)
  local results = {}
  for _, result in ipairs(returns) do
    if result.type ~= "nil" and not result.text:find("^closing") then
      results[#results + 1] = ("`%s` %s"):format(result.type, result.text):gsub(" $", "")
    end
  end
  return #results > 0 and "\nReturns " .. table.concat(results, "; ") .. ".\n" or ""
end

-- A function of lua/boltz/meta.lua, under the name by which a program calls it.
local function function_section(types, name, called)
  local written = assert(types.functions[name], "lua/boltz/meta.lua has no " .. name)
  return ("### %s(%s)\n\n%s\n%s%s"):format(called, written.arguments, written.text,
    parameters_table(written.params), results_of(written.returns))
end

local function functions_of(types, class, mark, called)
  local names, sections = types:functions_of(class, mark), {}
  table.sort(names)
  for i, name in ipairs(names) do
    sections[i] = function_section(types, class .. mark .. name, called .. mark .. name)
  end
  return table.concat(sections, "\n")
end

-- A table of functions in the module.
local function helpers_of(types, name, class)
  return ("## boltz.%s\n\n%s\n\n%s"):format(name, types.classes[class].text,
    functions_of(types, class, ".", "boltz." .. name))
end

local function kinds_table(types)
  local rows = {}
  for i, kind in ipairs(types:values("boltz.ErrorKind")) do
    local note = types.aliases["boltz.ErrorKind"].notes[kind]
    rows[i] = { ("`%s`"):format(kind), note }
  end
  return markdown.table({ "`err.kind`", "Status, or what has happened" }, rows)
end

-- ---- sections

local TYPES = [[
Types whose names begin with `boltz.` are those of [lua/boltz/meta.lua](../lua/boltz/meta.lua).
]]

local EVENTS = [[
A call that is not sent has no event: of a client that is `read_only`, refused while a long 429
lasts, or cancelled before. An event with both `status` and `error` is of an attempt that failed:
look at `error` first, which is one of
%s.
An answer that is not JSON has an event without `error`, though its call fails. The `path` of
`client:get` and the like is the path as given, without its query: no label for metrics.
]]

local LOGGER = [[
The option `logger` is called as `logger(level, message, fields)`. The message is one of these,
always the same text. Each has the fields `method`, `path`, `call` and `context` of an
[event](#events), but for the last two.

| Message | Level | Other fields |
|---|---|---|
| `request` | debug | `attempt`; `headers`, a text with 12 characters of a key at most |
| `attempt` | info | those of an event |
| `retry` | warn | those of an event; `wait`, in seconds; `reason` |
| `held back` | warn | `wait`, nil where it waits for its turn; `reason` |
| `no result tells what became of this call` | warn | those of an error; `ids` of the answer |
| begins with `the body is a text` | warn | `method`, `path`, `where` |
| `on_attempt raised` | error | `problem` |

`reason` is the sentence that the built-in log writes after the message. `duration` and `wait` are
numbers of seconds. What a logger raises goes to standard error; the call goes on.
]]

local function events_text(types)
  return EVENTS:format("`" .. table.concat(types:values "boltz.WireErrorKind", "`, `") .. "`")
end

--- Writes it.
-- @tparam table types what lua/boltz/meta.lua says, as support/meta.lua reads it
-- @treturn string
return function(types)
  return table.concat({
    "## Module\n\n" .. TYPES,
    functions_of(types, "boltz", ".", "boltz"),
    helpers_of(types, "json", "boltz.Json"),
    helpers_of(types, "money", "boltz.Money"),
    helpers_of(types, "time", "boltz.TimeText"),
    "## Clients\n",
    functions_of(types, "boltz.Client", ":", "client"),
    "## Pagers\n\n" .. types.classes["boltz.Pager"].text .. "\n",
    functions_of(types, "boltz.Pager", ":", "pager"),
    "## Options of a client\n\nOf `boltz.new` and `client:with`.\n",
    options_table(types, "boltz.Options", described.client),
    "## Options of a request\n\nOf every call, in the table after its parameters.\n",
    options_table(types, "boltz.WriteOptions", described.request),
    "## Options of a list\n\nBeside those of a request, without `extra_body`. "
      .. "`deadline` and `timeout` hold for each page.\n",
    options_table(types, "boltz.ListOptions", added(described.list)),
    types.classes["boltz.Progress"].text .. "\n",
    fields_table(types, "boltz.Progress"),
    "## Options of client:post, put, patch and delete\n\nBeside those of a request.\n",
    options_table(types, "boltz.RawOptions", added(described.raw)),
    "## Options of boltz.map\n\n`boltz.gather` takes `concurrency`.\n",
    fields_table(types, "boltz.MapOptions"),
    "## Responses\n\n" .. types.classes["boltz.Response"].text .. "\n",
    fields_table(types, "boltz.Response"),
    "## Errors\n\n" .. types.classes["boltz.Error"].text .. "\n",
    kinds_table(types),
    fields_table(types, "boltz.Error"),
    "## Events\n\n" .. types.classes["boltz.AttemptEvent"].text .. "\n",
    events_text(types),
    fields_table(types, "boltz.AttemptEvent"),
    "## Logger\n\n" .. LOGGER,
  }, "\n")
end
