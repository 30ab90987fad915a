/* SPDX-License-Identifier: MIT */
#include "headers.h"

#include <string.h>

#include "buffer.h"
#include "wipe.h"

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

const char *boltz_headers_problem (const char *name, size_t name_length, const char *value,
                                   size_t value_length) {
  if (name == NULL || !is_token(name, name_length)) return "a name that is not a header's";
  if (value == NULL) return "a value that is not text";
  if (!is_field_value(value, value_length)) return "a value with a control character";
  return NULL;
}

bool boltz_headers_append (struct curl_slist **list, const char *line) {
  struct curl_slist *longer = curl_slist_append(*list, line);
  if (longer == NULL) return false;
  *list = longer;
  return true;
}

static bool is_blank (char byte) {
  return byte == ' ' || byte == '\t';
}

/* An empty value is written "Name;": libcurl takes "Name:" for a field to leave out. */
static bool write_field (boltz_buffer *line, const char *name, size_t name_length,
                         const char *value, size_t value_length) {
  const char *between = ":", *end = value;
  if (value != NULL) {
    end = value + value_length;
    while (value < end && is_blank(*value)) value++;
    while (end > value && is_blank(end[-1])) end--;
    between = value < end ? ": " : ";";
  }
  return boltz_buffer_add(line, name, name_length) && boltz_buffer_add_text(line, between) &&
         boltz_buffer_add(line, value, (size_t)(end - value)) && boltz_buffer_add(line, "", 1);
}

bool boltz_headers_add (struct curl_slist **list, const char *name, size_t name_length,
                        const char *value, size_t value_length) {
  boltz_buffer line;
  boltz_buffer_init(&line, (size_t)-1);
  bool added = write_field(&line, name, name_length, value, value_length) &&
               boltz_headers_append(list, line.bytes);
  boltz_buffer_free(&line);
  return added;
}

bool boltz_headers_have (const struct curl_slist *list, const char *name) {
  size_t length = strlen(name);
  for (; list != NULL; list = list->next) {
    if (!curl_strnequal(list->data, name, length)) continue;
    if (list->data[length] == ':' || list->data[length] == ';') return true;
  }
  return false;
}

void boltz_headers_free (struct curl_slist *list) {
  for (struct curl_slist *field = list; field != NULL; field = field->next) {
    boltz_wipe(field->data, strlen(field->data));
  }
  curl_slist_free_all(list);
}
