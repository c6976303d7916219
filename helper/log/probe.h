/* Recognizes the kind of log from the first part of an object.  Reads that part as cat does. */
#ifndef LOG_PROBE_H
#define LOG_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "log/reader.h"
#include "text/buffer.h"

/* Bytes of an object that a probe needs: more than a row can have. */
enum { PROBE_SIZE = 512 * 1024 };

struct probe;

/* Makes a probe that reads logs as OPTIONS say.  Returns NULL when memory has run out. */
struct probe *probe_new(const struct reader_options *options);
void probe_free(struct probe *probe);

void probe_begin(struct probe *probe); /* the next bytes begin an object */
void probe_add(struct probe *probe, const void *data, size_t size);

enum probe_result {
    PROBE_READ,
    PROBE_FOREIGN, /* it holds something else than requests */
    PROBE_UNREADABLE
};

/* Ends the part; IS_WHOLE: the part is the whole object.  Adds the kind of log to OUT, as in
 * "download, 33 fields", or the reason why the object cannot be read. */
enum probe_result probe_end(struct probe *probe, bool is_whole, struct buffer *out);

/* Returns the columns that the log lacks: bits of missing_find(); 0 for a log without a header. */
unsigned probe_missing(const struct probe *probe);

#endif
