/* SPDX-License-Identifier: MIT */
#ifndef BOLTZ_JSON_COUNT_H
#define BOLTZ_JSON_COUNT_H

#include <stdbool.h>
#include <stddef.h>

/*
** Whether a JSON text has more values than that, arrays and objects among them. It does not look at
** a text that is too short to hold so many.
*/
bool boltz_json_has_more_values (const char *text, size_t length, size_t most);

#endif
