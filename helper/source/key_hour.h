/* Finds the hour in the name of an object, so that a list can begin at the first new key, and
 * recognizes the names that CloudFront gives. */
#ifndef SOURCE_KEY_HOUR_H
#define SOURCE_KEY_HOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/buffer.h"

/* Finds the hour of a key whose name, after the last "/", is DISTRIBUTION.YYYY-MM-DD-HH.UNIQUE.
 * *HOUR becomes the beginning of the hour, in seconds UTC.  Returns false when the key has none.
 * Amazon CloudFront Developer Guide, "Standard logging (access logs)": the hour in which the
 * requests occurred, UTC. */
bool key_hour(const char *key, int64_t *hour);

/* Returns whether the name, after the last "/" of the key, has the form of CloudFront's names:
 *   [DISTRIBUTION.]YYYY-MM-DD-HH.UNIQUE[.gz|.zst|.parquet]
 * DISTRIBUTION and UNIQUE are letters and digits.  UNIQUE has eight of them today, but CloudFront
 * promises no number.  The names that people and programs give to copies are none: "X (1).gz",
 * X.gz.1, X.bak.gz, X_1.gz, "Copy of X.gz". */
bool key_has_form(const char *key);

/* The first date in a key, which decides the order of the keys.  It is one of
 *   YYYY/MM/DD/
 *   year=YYYY/month=MM/day=DD/
 *   YYYY-MM-DD/ or YYYYMMDD/, or the same behind NAME=, such as date=YYYY-MM-DD/
 *   YYYY-MM-DD-HH.     in the name */
struct key_stem {
    size_t size;        /* bytes of the key before the date */
    const char *format; /* of the date, for strftime() */
};

/* Finds the date in a key.  Returns false when the key has none. */
bool key_stem_find(struct key_stem *stem, const char *key);

/* Adds the stem of KEY with the date of TIME (seconds UTC).  The result sorts before all keys of
 * the stem whose records are of TIME's hour or later, and after those of the day before and
 * earlier. */
void key_stem_add(const struct key_stem *stem, const char *key, int64_t time, struct buffer *out);

#endif
