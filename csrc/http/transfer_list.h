/* SPDX-License-Identifier: MIT */
#ifndef BOLTZ_TRANSFER_LIST_H
#define BOLTZ_TRANSFER_LIST_H

#include "transfer.h"

/* Transfers, linked through their own fields; the list owns none of them. All zero: empty. */
typedef struct boltz_transfer_list {
  boltz_transfer *first;
  long count;
} boltz_transfer_list;

void boltz_transfer_list_add (boltz_transfer_list *list, boltz_transfer *t);
void boltz_transfer_list_remove (boltz_transfer_list *list, boltz_transfer *t);

#endif
