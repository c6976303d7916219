/* Guesses the key at which the next page of a bucket's list begins, by the dates in the keys of
 * logs. */
#ifndef SOURCE_KEY_GUESS_H
#define SOURCE_KEY_GUESS_H

#include "text/buffer.h"

/* Implements s3_list_guess (s3/list_objects.h).  Adds to KEY the stem of FROM with a later hour or
 * day: the time of FROM plus the time between FIRST and LAST, or a little less, so that the pages
 * overlap and no page is missing between them.  Adds nothing when the three keys do not have the
 * same stem (source/key_hour.h), or when logs of that time cannot exist yet. */
void key_guess(const char *first, const char *last, const char *from, struct buffer *key);

#endif
