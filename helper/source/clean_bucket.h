/* The function of clean_bucket.c that check_clean_up.c uses. */
#ifndef SOURCE_CLEAN_BUCKET_H
#define SOURCE_CLEAN_BUCKET_H

#include <stdbool.h>

#include "source/bucket.h"

/* Opens the bucket that objects move to, once.  Returns false after printing an error. */
bool bucket_open_target(struct bucket_state *state, const struct site *site);

#endif
