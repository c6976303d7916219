/* The history files of an AWStats configuration. */
#ifndef REPORT_HISTORY_H
#define REPORT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/report.h"

struct report_history {
    unsigned month; /* YYYYMM */
    char *path;
    int64_t time; /* when it was written: nanoseconds since 1970 */
    int64_t size; /* in bytes */
};

/* Returns the files in the order of time, *COUNT of them; the caller frees them with report_free_history().  *COUNT is
 * 0, and ERROR has one line, when the folder cannot be read. */
struct report_history *report_find_history(const struct report_options *options, size_t *count,
                                           struct buffer *error);

void report_free_history(struct report_history *files, size_t count);

#endif
