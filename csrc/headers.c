/* SPDX-License-Identifier: MIT */
#include "headers.h"

#include <string.h>

#include "compat.h"
#include "secret.h"

/* RFC 9110, section 5.6.2; only ASCII letters and digits, whatever the host's locale is. */
static bool is_token (const char *name, size_t length) {
  static const char allowed[] = "!#$%&'*+-.^_`|~0123456789"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  for (size_t i = 0; i < length; i++) {
    if (name[i] == '\0' || strchr(allowed, name[i]) == NULL) return false;
  }
  return length > 0;
}

static bool is_field_value (const char *value, size_t length) {
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)value[i];
    if ((byte < 0x20 && byte != '\t') || byte == 0x7F) return false;
  }
  return true;
}

/* Only strings: lua_tolstring would convert a number, which allocates and may raise. */
static const char *string_bytes (lua_State *L, int index, size_t *length) {
  return lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, length) : NULL;
}

static const char *value_bytes (lua_State *L, int index, size_t *length) {
  const char *secret = boltz_secret_bytes(L, index, length);
  return secret != NULL ? secret : string_bytes(L, index, length);
}

static const char *field_problem (lua_State *L, int name_index, int value_index) {
  size_t name_length = 0, value_length = 0;
  const char *name = string_bytes(L, name_index, &name_length);
  const char *value = value_bytes(L, value_index, &value_length);
  if (name == NULL || !is_token(name, name_length)) return "a name that is not a header's";
  if (value == NULL) return "a value that is not text";
  if (!is_field_value(value, value_length)) return "a value with a control character";
  return NULL;
}

int boltz_headers_check (lua_State *L) {
  lua_pushstring(L, field_problem(L, 1, 2)); /* nil for NULL */
  return 1;
}

bool boltz_headers_append (struct curl_slist **list, const char *line) {
  struct curl_slist *longer = curl_slist_append(*list, line);
  if (longer == NULL) return false;
  *list = longer;
  return true;
}

static bool is_blank (char byte) {
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void trim (const char **start, const char **end) {
  while (*start < *end && is_blank(**start)) ++*start;
  while (*end > *start && is_blank((*end)[-1])) --*end;
}

/* An empty value is written "Name;": libcurl takes "Name:" for a field to leave out. */
static bool add_field (lua_State *L, boltz_buffer *line, struct curl_slist **list) {
  size_t name_length = 0, value_length = 0;
  const char *name = string_bytes(L, -2, &name_length);
  const char *value = value_bytes(L, -1, &value_length);
  boltz_buffer_clear(line);
  if (value == NULL) { /* false: "Name:" keeps libcurl from sending its own */
    return boltz_buffer_add(line, name, name_length) && boltz_buffer_add(line, ":", 2) &&
           boltz_headers_append(list, line->bytes);
  }
  const char *end = value + value_length;
  trim(&value, &end);
  return boltz_buffer_add(line, name, name_length) &&
         boltz_buffer_add(line, value < end ? ": " : ";", value < end ? 2 : 1) &&
         boltz_buffer_add(line, value, (size_t)(end - value)) && boltz_buffer_add(line, "", 1) &&
         boltz_headers_append(list, line->bytes);
}

const char *boltz_headers_build (lua_State *L, int index, struct curl_slist **list) {
  boltz_buffer line;
  boltz_buffer_init(&line, (size_t)-1);
  const char *problem = NULL;
  size_t count = lua_rawlen(L, index);
  for (size_t i = 1; problem == NULL && i < count; i += 2) {
    lua_rawgeti(L, index, (int)i);
    lua_rawgeti(L, index, (int)i + 1);
    if (!lua_isboolean(L, -1)) problem = field_problem(L, lua_gettop(L) - 1, lua_gettop(L));
    if (problem == NULL && !add_field(L, &line, list)) problem = "not enough memory";
    lua_pop(L, 2);
  }
  boltz_buffer_free(&line);
  return problem;
}

void boltz_headers_free (struct curl_slist *list) {
  for (struct curl_slist *field = list; field != NULL; field = field->next) {
    boltz_wipe(field->data, strlen(field->data));
  }
  curl_slist_free_all(list);
}

void boltz_head_init (boltz_head *head, size_t limit) {
  boltz_buffer_init(&head->lines, limit);
  head->received = 0;
  head->count = 0;
  head->begun = head->complete = false;
}

static bool is_status_line (const char *line, size_t length) {
  return length >= 5 && memcmp(line, "HTTP/", 5) == 0;
}

static bool is_digit (char byte) {
  return byte >= '0' && byte <= '9';
}

/* RFC 9112, section 4, for what comes after "HTTP/"; blanks may be several. */
static bool has_one_status (const char *line, const char *end) {
  if (memchr(line, '\0', (size_t)(end - line)) != NULL) return false;
  while (line < end && !is_blank(*line)) line++;
  while (line < end && is_blank(*line)) line++;
  if (end - line < 3 || !is_digit(line[0]) || !is_digit(line[1]) || !is_digit(line[2]))
    return false;
  return end - line == 3 || is_blank(line[3]);
}

/* RFC 9112, section 5. A line that begins with a blank is more of the one before, or the end. */
static bool is_field_or_end (const char *line, size_t length) {
  if (length == 0 || memchr(line, '\0', length) != NULL) return length == 0;
  return is_blank(line[0]) || memchr(line, ':', length) != NULL;
}

#define LINES 5000 /* libcurl's own limit, where it has one: curl 8.23 does, 7.88 does not */

const char *boltz_head_problem (const boltz_head *head, const char *line, size_t length) {
  if (length > head->lines.limit - head->received || head->count >= LINES)
    return BOLTZ_HEAD_TOO_LARGE;
  if (is_status_line(line, length))
    return has_one_status(line + 5, line + length) ? NULL : "the answer's status line is malformed";
  return is_field_or_end(line, length) ? NULL : "a header of the answer is malformed";
}

bool boltz_head_add (boltz_head *head, const char *line, size_t length) {
  if (is_status_line(line, length)) {
    boltz_buffer_clear(&head->lines);
    head->begun = true;
    head->complete = false;
  } else {
    if (!boltz_buffer_add(&head->lines, line, length)) return false;
    if (length > 0 && (line[0] == '\r' || line[0] == '\n')) head->complete = true;
  }
  head->received += length;
  head->count++;
  return true;
}

static void push_lower (lua_State *L, const char *bytes, size_t length) {
  luaL_Buffer lower;
  luaL_buffinit(L, &lower);
  for (size_t i = 0; i < length; i++) {
    char byte = bytes[i];
    luaL_addchar(&lower, byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte);
  }
  luaL_pushresult(&lower);
}

/* fields[name] = value, or "old, value".   [-1 (the name), +0, m] */
static void set_field (lua_State *L, int fields, const char *value, size_t length) {
  lua_pushvalue(L, -1);
  lua_rawget(L, fields);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_pushlstring(L, value, length);
  } else {
    lua_pushliteral(L, ", ");
    lua_pushlstring(L, value, length);
    lua_concat(L, 3);
  }
  lua_rawset(L, fields);
}

void boltz_headers_push (lua_State *L, const char *lines, size_t length) {
  lua_newtable(L);
  if (length == 0) return;
  int fields = lua_gettop(L);
  const char *end = lines + length;
  for (const char *line = lines; line < end;) {
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    const char *stop = newline != NULL ? newline : end;
    const char *colon = memchr(line, ':', (size_t)(stop - line));
    if (colon != NULL && colon > line && !is_blank(*line)) {
      const char *name_end = colon, *value = colon + 1, *value_end = stop;
      trim(&line, &name_end);
      trim(&value, &value_end);
      push_lower(L, line, (size_t)(name_end - line));
      set_field(L, fields, value, (size_t)(value_end - value));
    }
    line = stop < end ? stop + 1 : end;
  }
}
