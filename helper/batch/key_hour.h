/* The hour in the name of an object, and where a listing may begin because of it. */
#ifndef BATCH_KEY_HOUR_H
#define BATCH_KEY_HOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/buffer.h"

/* DISTRIBUTION.YYYY-MM-DD-HH.UNIQUE, behind the last "/" of the key.
 * Amazon CloudFront Developer Guide, "Standard logging (access logs)": the hour in which the
 * requests occurred, UTC.  Stores when it began (seconds UTC); false when the key has none. */
bool key_hour(const char *key, int64_t *hour);

/* How a key's order tells of its hour: by the first date in it, which is one of
 *   YYYY/MM/DD/
 *   year=YYYY/month=MM/day=DD/
 *   YYYY-MM-DD-HH.     in the name */
struct key_stem {
    size_t size;        /* bytes of the key before the date */
    const char *format; /* of the date, for strftime() */
};

/* False when the key has no such date. */
bool key_stem_find(struct key_stem *stem, const char *key);

/* Adds the stem of KEY with the date of TIME: it sorts before all keys of that stem whose records
 * are of TIME's hour or later, and behind those of the day before and earlier. */
bool key_stem_add(const struct key_stem *stem, const char *key, int64_t time, struct buffer *out);

#endif
