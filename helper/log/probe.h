/* What an object holds, told by its first part, read as cat reads it. */
#ifndef LOG_PROBE_H
#define LOG_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/site.h"
#include "text/buffer.h"

/* Bytes of an object that suffice: more than a row can have. */
enum { PROBE_SIZE = 512 * 1024 };

struct probe;

/* NULL when memory has run out. */
struct probe *probe_new(const struct site *site);
void probe_free(struct probe *probe);

void probe_begin(struct probe *probe); /* the next bytes begin an object */
void probe_add(struct probe *probe, const void *data, size_t size);

/* The part has ended, and with it the object if it IS_WHOLE.  Adds what the object holds, as in
 * "download, 33 fields", or why it cannot be read.  Returns whether it can be. */
bool probe_end(struct probe *probe, bool is_whole, struct buffer *out);

#endif
