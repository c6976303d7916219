/* What a visit that has ended adds to the sections SESSION and SIDER. */
#ifndef HISTORYFILE_VISIT_H
#define HISTORYFILE_VISIT_H

#include "historyfile/row.h"

/* Returns the key of SESSION for the length of a visit; mirrors GetSessionRange. */
const char *history_visit_range(const struct history_visit *visit);

/* Adds to KEY the key of SIDER for the last page of a visit, as Save_History("sider") writes URLs: "//" becomes "/",
 * except after a colon. */
void history_visit_page(const struct history_visit *visit, struct buffer *key);

/* Whether a host is an address and not a name; mirrors Save_History("visitor"). */
bool history_host_is_address(const char *host, size_t size);

#endif
