-- SPDX-License-Identifier: MIT
-- The long inputs that a target begins with, which are not kept in the tree:
-- long_seeds.lua TARGET FOLDER writes them into that folder.

local LONGEST = 256 * 1024 -- as -max_len of tools/fuzz

-- As many of `text` as fit into an input beside what stands around them.
local function fill(before, text, after)
  return before .. text:rep(math.floor((LONGEST - #before - #after) / #text)) .. after
end

-- A length of three bytes for encode.c, and as many of `text`.
local function long(text, count)
  return "\255" .. string.char(count % 256, math.floor(count / 256) % 256,
    math.floor(count / 65536)) .. text:rep(count)
end

-- What encode.c takes for kinds of values, see its `scalars` and its tables.
local SMALL, TEXT, BYTES, DEEP, OBJECT, LIST = "\2", "\5", "\8", "\11", "\12", "\13"

local DIGITS = ("9"):rep(100000)

local seeds = {
  decode = {
    long_string = fill('{"name":"', "a", '"}'),
    long_string_of_escapes = fill('["', "\\u00e9\\n", '"]'),
    long_string_of_surrogates = fill('["', "\\ud83d\\ude00\\ud800", '"]'),
    long_number = '{"amount":' .. DIGITS .. "}",
    long_fraction = "[0." .. DIGITS .. "]",
    long_exponent = "[1e" .. DIGITS .. "]",
    long_array = fill("[0", ",1", "]"),
    long_array_of_nulls = fill("[null", ",null", "]"),
    long_array_of_large_numbers = fill("[0", ",9007199254740993", "]"),
    long_array_of_empties = fill("[[]", ",{},[]", "]"),
    long_object_of_one_name = fill('{"a":1', ',"a":{}', "}"),
    long_page = fill('{"data":[{}', ',{"id":"ws_1","archived_at":null,"tags":[],"n":1.5}', "]}"),
    long_row_of_deep = fill("[0", "," .. ("["):rep(90) .. ("]"):rep(90), "]"),
    long_blanks = fill("[1", " \r\n\t", "]"),
    far_too_deep = fill("", "[", ""),
    far_too_deep_objects = fill("", '{"a":', ""),
    long_and_cut = fill('{"data":["', '\\\\"', ""),
    long_html = fill("<html>", "<p>Bad Gateway</p>\n", "</html>"),
  },
  encode = {
    long_text = TEXT .. long("a", LONGEST - 5),
    long_text_of_escapes = TEXT .. long("\1", LONGEST - 5),
    long_utf8 = BYTES .. long("\195\169", 131069):sub(1, LONGEST - 1),
    long_list = LIST .. long(SMALL .. "7", 87000),
    long_list_of_texts = LIST .. long(TEXT .. "\3abc", 52000),
    long_object = OBJECT .. long("A\1a" .. SMALL .. "7", 52000),
    long_row_of_deep = LIST .. long(DEEP .. "Z" .. SMALL .. "7", 65000),
  },
  headers = {
    long_value = fill("\255HTTP/1.1 200 OK\r\nRetry-After: ", "9", "\r\n\r\n"),
    long_name = fill("\255HTTP/1.1 200 OK\r\n", "a", ": 1\r\n\r\n"),
    long_blanks = fill("\255HTTP/1.1 200 OK\r\na: b", " \t", "c\r\n\r\n"),
    long_status_line = fill("\255HTTP/1.1 200 ", "OK", "\r\n\r\n"),
    long_version = fill("\255HTTP/", "1", " 200 OK\r\n\r\n"),
    many_lines = fill("\255HTTP/1.1 200 OK\r\n", "Set-Cookie: a=b\r\n", "\r\n"),
    many_short_lines = fill("\255HTTP/1.1 200 OK\r\n", "a:\n", "\r\n"),
    many_answers = fill("\255", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\na: b\r\n\r\n"),
    sent_long_value = fill("X-Note:", "a", ";"),
    sent_long_name = fill("", "a", ":1;"),
    sent_long_blanks = fill("X-Note:", " ", "a;"),
    sent_long_secret = fill("x-api-key:*", "k", ";"),
    sent_many = fill("", "X-Note:1;", ""),
    sent_many_short = fill("", "a:;", ""),
  },
  retry_after = {
    hundred_thousand_digits = "\n" .. DIGITS,
    hundred_thousand_milliseconds = DIGITS,
    long_fraction = "\n0." .. DIGITS,
    long_zeros = fill("\n", "0", "1"),
    long_blanks = fill("\n", " ", "5"),
    long_blanks_inside = fill("\nWed,", " ", "21 Oct 2015 07:28:00 GMT"),
    long_list = fill("\n5", ", 5", ""),
    long_date = fill("\nWed, 21 Oct 2015 07:28:00 GMT\n", "Wed, ", ""),
  },
  url = {
    long_id = fill("ws_", "a", ""),
    long_id_to_escape = fill("ws_", "/ \0\255", ""),
    long_query = fill("name", "\nname=&value", ""),
    many_pairs = fill("", "a\n", ""),
    long_host = fill("https://", "a", ".example/"),
    long_host_of_labels = fill("https://", "a.", "example/"),
    long_path = fill("https://api.example/", "a/../", ""),
    long_url_query = fill("https://api.example/?", "a=%20&", "#end"),
    long_user = fill("https://", "a", ":b@api.example/"),
    long_port = "https://api.example:" .. DIGITS .. "/",
    long_scheme = fill("", "a", "://api.example/"),
    long_ipv6 = fill("https://[", "0:", "1]/"),
  },
}

local target, folder = arg[1], arg[2]
for name, text in pairs(seeds[target]) do
  local file = assert(io.open(folder .. "/" .. name, "wb"))
  assert(file:write(text))
  assert(file:close())
end
