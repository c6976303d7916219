/* The keys of anonymize = hash, between the runs of a site: LEDGER.visitor-keys.
 *
 * A day's visitors must have the same names in all runs that read records of the day, and after the
 * last of them nobody must be able to find the addresses again.  So the file has a key for each day
 * of the last batch, which may be read again, and for each day of which objects may still arrive (the
 * setting lookback).  The next run removes all others.  The file is no part of a backup. */
#ifndef RUN_VISITOR_KEYS_H
#define RUN_VISITOR_KEYS_H

#include <stdbool.h>

#include "config/site.h"
#include "log/day_keys.h"
#include "text/buffer.h"

/* Reads the keys of a site into a new table, *KEYS.  Without HAS_LEDGER, all keys are new.  *KEYS is NULL
 * when the site does not need any.  Returns false after adding an error. */
bool visitor_keys_open(struct day_keys **keys, const struct site *site, bool has_ledger,
                       struct buffer *error);

/* Replaces the file by the keys that are still needed; without KEYS, does nothing.  Returns false after
 * adding an error. */
bool visitor_keys_save(const struct day_keys *keys, const struct site *site, struct buffer *error);

#endif
