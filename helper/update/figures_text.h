/* The numbers of an update's records by outcome, for people. */
#ifndef UPDATE_FIGURES_TEXT_H
#define UPDATE_FIGURES_TEXT_H

#include "normalized/figures.h"
#include "text/buffer.h"

/* Returns why AWStats leaves out the records of FIGURE, FIGURE_FIRST_LEFT_OUT or later, as written behind their
 * number: "for hosts that are neither SiteDomain nor in HostAliases". */
const char *figures_reason(enum figure figure);

/* Adds ": NAME N, NAME N, others N", the hosts or methods of FIGURE; nothing if it has no names. */
void figures_add_names(struct buffer *text, const struct figures *figures, enum figure figure);

/* Adds the name of a host or method.  Bytes that are not visible ASCII characters stay %XX. */
void figures_add_name(struct buffer *text, struct field name);

#endif
