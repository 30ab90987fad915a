/* SPDX-License-Identifier: MIT */
#include "head.h"

#include <string.h>

#define LINES 5000 /* libcurl's own limit, where it has one: curl 8.23 does, 7.88 does not */

void boltz_head_init (boltz_head *head, size_t limit) {
  boltz_buffer_init(&head->lines, limit);
  head->received = 0;
  head->count = 0;
  head->begun = head->complete = head->is_final = false;
}

static bool is_blank (char byte) {
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static bool is_status_line (const char *line, size_t length) {
  return length >= 5 && memcmp(line, "HTTP/", 5) == 0;
}

/* What looks like one behind the final head is a trailer (RFC 9112, section 7.1.2). */
static bool starts_over (const boltz_head *head, const char *line, size_t length) {
  return is_status_line(line, length) && !(head->is_final && head->complete);
}

static bool is_digit (char byte) {
  return byte >= '0' && byte <= '9';
}

/* RFC 9112, section 4, for what comes after "HTTP/"; blanks may be several. */
static const char *find_status (const char *line, const char *end) {
  while (line < end && !is_blank(*line)) line++;
  while (line < end && is_blank(*line)) line++;
  return line;
}

static bool has_one_status (const char *line, const char *end) {
  if (memchr(line, '\0', (size_t)(end - line)) != NULL) return false;
  line = find_status(line, end);
  if (end - line < 3 || !is_digit(line[0]) || !is_digit(line[1]) || !is_digit(line[2]))
    return false;
  return end - line == 3 || is_blank(line[3]);
}

/* RFC 9112, section 5. A line that begins with a blank is more of the one before, or the end. */
static bool is_field_or_end (const char *line, size_t length) {
  if (length == 0 || memchr(line, '\0', length) != NULL) return length == 0;
  return is_blank(line[0]) || memchr(line, ':', length) != NULL;
}

const char *boltz_head_problem (const boltz_head *head, const char *line, size_t length) {
  if (length > head->lines.limit - head->received || head->count >= LINES)
    return BOLTZ_HEAD_TOO_LARGE;
  if (starts_over(head, line, length))
    return has_one_status(line + 5, line + length) ? NULL : "the answer's status line is malformed";
  return is_field_or_end(line, length) ? NULL : "a header of the answer is malformed";
}

bool boltz_head_add (boltz_head *head, const char *line, size_t length) {
  if (starts_over(head, line, length)) {
    const char *end = line + length, *status = find_status(line + 5, end);
    boltz_buffer_clear(&head->lines);
    head->begun = true;
    head->is_final = status < end && *status != '1';
    head->complete = false;
  } else {
    if (!boltz_buffer_add(&head->lines, line, length)) return false;
    if (length > 0 && (line[0] == '\r' || line[0] == '\n')) head->complete = true;
  }
  head->received += length;
  head->count++;
  return true;
}

static void trim (const char **start, const char **end) {
  while (*start < *end && is_blank(**start)) ++*start;
  while (*end > *start && is_blank((*end)[-1])) --*end;
}

static bool read_field (const char *line, const char *stop, boltz_field *field) {
  const char *colon = memchr(line, ':', (size_t)(stop - line));
  if (colon == NULL || colon == line || is_blank(*line)) return false;
  const char *name_end = colon, *value = colon + 1;
  trim(&line, &name_end);
  trim(&value, &stop);
  field->name = line;
  field->name_length = (size_t)(name_end - line);
  field->value = value;
  field->value_length = (size_t)(stop - value);
  return true;
}

bool boltz_head_next (const char **at, const char *end, boltz_field *field) {
  while (*at < end) {
    const char *line = *at;
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    *at = newline != NULL ? newline + 1 : end;
    if (read_field(line, newline != NULL ? newline : end, field)) return true;
  }
  return false;
}
