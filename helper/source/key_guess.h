/* Guesses where in a bucket the next page of a list begins, by the dates in the keys of logs. */
#ifndef SOURCE_KEY_GUESS_H
#define SOURCE_KEY_GUESS_H

#include "text/buffer.h"

/* As s3_list_guess (s3/list_objects.h): adds to KEY the start of the hour or day that is as far behind that
 * of FROM as LAST is behind FIRST, or a little less, so that pages that begin there rather overlap than
 * leave keys out.  Adds nothing when the three keys have not one stem (source/key_hour.h), or when logs of
 * that time cannot exist yet. */
void key_guess(const char *first, const char *last, const char *from, struct buffer *key);

#endif
