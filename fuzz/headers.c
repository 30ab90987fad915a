/* SPDX-License-Identifier: MIT */
/*
** Header fields, both ways. Received: lines of any bytes give the fields that a plain reading finds
** in them. Sent: check_header refuses what is no field, boltz_lua_headers_read refuses the same,
** and what it takes is one line a field, in which libcurl finds that field.
*/
#include "lua/headers.h"

#include <string.h>

#include "fuzz.h"
#include "http/head.h"

#define RECEIVED 2 /* received(text) -> fields */
#define SENDABLE 3 /* sendable(name, value) -> boolean */

const size_t fuzz_usual = 256;

void fuzz_setup (lua_State *L) {
  if (luaL_dofile(L, BOLTZ_FUZZ_DIR "/headers.lua")) lua_error(L);
}

/* ---- received */

static bool is_blank (char byte) {
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* What stands behind the version, and the blanks behind that, of a line "HTTP/..." up to `end`. */
static const char *behind_version (const char *line, const char *end) {
  line += 5;
  while (line < end && !is_blank(*line)) line++;
  while (line < end && is_blank(*line)) line++;
  return line;
}

/* Of a status line that is none of those below. */
static bool is_interim (const char *line, size_t length) {
  const char *end = line + length, *status = behind_version(line, end);
  return status < end && *status == '1';
}

/* Whether a line that begins with "HTTP/" has something else than one status of three digits. */
static bool has_odd_status (const char *line, size_t length) {
  const char *end = line + length, *status = behind_version(line, end), *at = status;
  while (at < end && *at >= '0' && *at <= '9') at++;
  return memchr(line, '\0', length) != NULL || at - status != 3 || (at < end && !is_blank(*at));
}

/*
** Hands the input over line by line, as libcurl does, until the limit is reached. Pushes what was
** taken.   [-0, +1, m]
*/
static void collect (lua_State *L, boltz_head *head, fuzz_input *in) {
  bool begun = false, complete = false, final = false;
  size_t left = head->lines.limit, lines_left = 5000;
  luaL_Buffer taken;
  luaL_buffinit(L, &taken);
  while (in->left > 0) {
    const char *line = (const char *)in->bytes;
    const char *newline = memchr(line, '\n', in->left);
    size_t length = newline != NULL ? (size_t)(newline - line) + 1 : in->left;
    bool trailer = final && complete;
    bool status = !trailer && length >= 5 && memcmp(line, "HTTP/", 5) == 0;
    bool field = memchr(line, '\0', length) == NULL && /* a blank goes on with the one before */
                 (memchr(line, ':', length) != NULL || strchr(" \t\r\n", *line) != NULL);
    bool refused = boltz_head_problem(head, line, length) != NULL;
    bool refusable =
        length > left || lines_left == 0 || (status ? has_odd_status(line, length) : !field);
    if (refused != refusable) fuzz_fail(refused ? "a field is refused" : "what is none is taken");
    if (refused) break;
    if (!boltz_head_add(head, line, length)) fuzz_fail("no memory");
    begun = begun || status;
    if (status) final = !is_interim(line, length);
    complete = !status && (complete || *line == '\r' || *line == '\n');
    luaL_addlstring(&taken, line, length);
    in->bytes += length;
    in->left -= length;
    left -= length;
    lines_left--;
  }
  if (head->begun != begun || head->complete != complete) fuzz_fail("not begun or not complete");
  luaL_pushresult(&taken);
}

static size_t count_entries (lua_State *L, int table) {
  size_t count = 0;
  lua_pushnil(L);
  for (; lua_next(L, table) != 0; lua_pop(L, 1)) count++;
  return count;
}

static void check_same_fields (lua_State *L, int expected, int actual) {
  lua_pushnil(L);
  while (lua_next(L, expected) != 0) {
    lua_pushvalue(L, -2);
    lua_rawget(L, actual);
    if (!lua_rawequal(L, -1, -2)) {
      fuzz_fail("%s is '%s', not '%s'", lua_tostring(L, -3), luaL_tolstring(L, -1, NULL),
                lua_tostring(L, -2));
    }
    lua_pop(L, 2);
  }
  if (count_entries(L, actual) != count_entries(L, expected)) fuzz_fail("another field");
}

static void check_received (lua_State *L, fuzz_input *in) {
  boltz_head head;
  size_t limit = fuzz_byte(in); /* the upper ones are beyond the longest input */
  boltz_head_init(&head, limit * (limit < 0xF0 ? 32 : 2048));
  lua_pushvalue(L, RECEIVED);
  collect(L, &head, in);
  lua_call(L, 1, 1);
  boltz_lua_headers_push(L, head.lines.bytes, head.lines.length);
  boltz_buffer_free(&head.lines);
  check_same_fields(L, lua_gettop(L) - 1, lua_gettop(L));
}

/* ---- sent */

/*
** Pushes the next "name:value;". A value behind '*' is pushed as a secret, "!" as a number, which
** has no place there. Says whether the field can be sent.   [-0, +2, m]
*/
static bool push_field (lua_State *L, fuzz_input *in) {
  fuzz_pushuntil(L, in, ':');
  bool secret = in->left > 0 && *in->bytes == '*';
  if (secret) fuzz_byte(in);
  fuzz_pushuntil(L, in, ';');
  lua_pushvalue(L, SENDABLE);
  lua_pushvalue(L, -3);
  lua_pushvalue(L, -3);
  lua_call(L, 2, 1);
  bool sendable = lua_toboolean(L, -1);
  lua_pop(L, 1);
  if (secret) {
    fuzz_callcore(L, "secret", 1, 1);
  } else if (strcmp(lua_tostring(L, -1), "!") == 0) {
    lua_pop(L, 1);
    lua_pushinteger(L, 1);
    sendable = false;
  }
  return sendable;
}

static void check_header (lua_State *L, bool sendable) {
  lua_pushvalue(L, -2);
  lua_pushvalue(L, -2);
  fuzz_callcore(L, "check_header", 2, 1);
  if (lua_isnil(L, -1) != sendable) fuzz_fail("check_header: %s", luaL_tolstring(L, -1, NULL));
  lua_pop(L, 1);
}

/* Pushes the list of all fields. Says whether all of them can be sent.   [-0, +1, m] */
static bool push_list (lua_State *L, fuzz_input *in) {
  bool all = true;
  lua_newtable(L);
  int list = lua_gettop(L);
  for (lua_Integer i = 1; in->left > 0; i += 2) {
    bool sendable = push_field(L, in);
    check_header(L, sendable);
    all = all && sendable;
    lua_rawseti(L, list, i + 1);
    lua_rawseti(L, list, i);
  }
  return all;
}

/*
** Expects "name: value" of the field whose two parts are on top, without the blanks around its
** value, and "name;" where nothing else is left: of "name:" libcurl makes no field at all.
*/
static void check_line (lua_State *L, const char *line) {
  if (lua_isuserdata(L, -1)) fuzz_callcore(L, "reveal", 1, 1);
  const char *value = lua_tostring(L, -1);
  value += strspn(value, " \t");
  size_t length = strlen(value);
  while (length > 0 && strchr(" \t", value[length - 1]) != NULL) length--;
  lua_pushlstring(L, value, length);
  const char *form = length > 0 ? "%s: %s" : "%s;";
  const char *expected = lua_pushfstring(L, form, lua_tostring(L, -3), lua_tostring(L, -1));
  if (strcmp(line, expected) != 0) fuzz_fail("'%s', not '%s'", line, expected);
}

static void check_sent (lua_State *L, fuzz_input *in) {
  struct curl_slist *lines = NULL;
  bool sendable = push_list(L, in);
  int list = lua_gettop(L);
  const char *problem = boltz_lua_headers_read(L, list, &lines);
  if ((problem == NULL) != sendable) fuzz_fail("read: %s", problem);
  const struct curl_slist *line = lines;
  for (lua_Integer i = 1; sendable && i < (lua_Integer)lua_rawlen(L, list); i += 2) {
    if (line == NULL) fuzz_fail("a field is missing");
    lua_rawgeti(L, list, i);
    lua_rawgeti(L, list, i + 1);
    check_line(L, line->data);
    lua_settop(L, list);
    line = line->next;
  }
  if (sendable && line != NULL) fuzz_fail("one line more: %s", line->data);
  boltz_headers_free(lines);
}

void fuzz_one (lua_State *L, fuzz_input *in) {
  fuzz_input again = *in;
  check_received(L, in);
  check_sent(L, &again);
}
