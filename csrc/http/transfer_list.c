/* SPDX-License-Identifier: MIT */
#include "transfer_list.h"

#include <stddef.h>

void boltz_transfer_list_add (boltz_transfer_list *list, boltz_transfer *t) {
  t->previous = NULL;
  t->next = list->first;
  if (t->next != NULL) t->next->previous = t;
  list->first = t;
  list->count++;
}

void boltz_transfer_list_remove (boltz_transfer_list *list, boltz_transfer *t) {
  if (t->previous != NULL)
    t->previous->next = t->next;
  else
    list->first = t->next;
  if (t->next != NULL) t->next->previous = t->previous;
  t->previous = t->next = NULL;
  list->count--;
}
