/* Reads S3's error documents, explains them to the user, and tells for which errors another try may succeed. */
#ifndef S3_ERROR_H
#define S3_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#include "s3/bucket.h"
#include "text/buffer.h"

/* A response of a store that reports an error.  Texts are "" when not known. */
struct s3_error {
    long status; /* HTTP's */
    char code[64], message[1024], region[64];
};

/* Reads the texts of an <Error> document of SIZE bytes; one that is no XML leaves them empty. */
void s3_error_parse(struct s3_error *error, const char *document, size_t size);

/* Whether the same request may succeed a little later.  Then it is tried again, and
 * s3_error_is_everywhere() is not looked at. */
bool s3_error_is_temporary(const struct s3_error *error);

/* Whether every other request to the bucket would fail in the same way. */
bool s3_error_is_everywhere(const struct s3_error *error);

/* Whether the store rejects the credentials, so that newer ones may be accepted. */
bool s3_error_is_of_credentials(const struct s3_error *error);

/* Adds one line without the object's name: what failed and what to do.  The store's own text is part of it
 * where it says more than the code, and does not repeat a part of the credentials.  ACTION is the permission
 * that the request needs, such as s3:GetObject.  CLOCK_AHEAD: seconds that this machine's clock is
 * ahead of the store's. */
void s3_error_explain(struct buffer *out, const struct s3_error *error,
                      const struct s3_bucket *bucket, const char *action, long clock_ahead);

#endif
