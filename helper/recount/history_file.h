/* The figures of AWStats' history files, and how two files differ. */
#ifndef RECOUNT_HISTORY_FILE_H
#define RECOUNT_HISTORY_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "text/buffer.h"

/* A day: hits and bytes that AWStats calls viewed. */
struct history_day {
    uint32_t day; /* days since 1970-01-01 */
    uint64_t hits, bytes;
};

/* The sums of a history file. */
struct history_sums {
    uint64_t pages, hits, bytes, visits; /* viewed */
    uint64_t all_hits, all_bytes;        /* with those of robots and errors, which are not viewed */
    struct history_day *days;            /* in the file's order */
    size_t day_count, day_capacity;
};

/* Adds the sums of the file PATH (NULL: no file) to SUMS.  Returns false, with one line in
 * ERROR, when it cannot be read. */
bool history_add_sums(struct history_sums *sums, const char *path, struct buffer *error);

void history_free_sums(struct history_sums *sums);

/* Two different figures of the same name.  Texts are valid during the call. */
struct history_difference {
    const char *section, *key, *column;
    const char *before, *after; /* "-": the file has no such key */
    /* The figure depends on the order in which records came: visits, entries and exits, the time of
     * a host's last visit.  Late records make it differ. */
    bool is_of_order;
};

/* Compares the files (NULL: no file), and calls TELL with each difference.  Leaves out where a
 * section lies in the file, when the file was written, and the plugin's batches.  Returns false,
 * with one line in ERROR, when a file cannot be read. */
typedef void history_tell(void *user, const struct history_difference *difference);
bool history_compare(const char *before, const char *after, history_tell *tell, void *user,
                     struct buffer *error);

#endif
