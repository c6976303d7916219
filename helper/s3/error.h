/* Reads S3's error documents, explains them to the user, and tells for which errors another try may
 * succeed. */
#ifndef S3_ERROR_H
#define S3_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#include "s3/bucket.h"
#include "text/buffer.h"

/* The error in a response.  Texts are "" when not known. */
struct s3_error {
    long status;     /* HTTP's status code */
    bool is_of_head; /* in the response to HeadObject or HeadBucket, which never has a document */
    char code[64], message[1024], region[64];
};

/* Reads the texts of an <Error> document of SIZE bytes.  They stay empty if it is no XML. */
void s3_error_parse(struct s3_error *error, const char *document, size_t size);

/* Returns whether the same request may succeed a little later.  Then s3_error_is_everywhere() has
 * no meaning. */
bool s3_error_is_temporary(const struct s3_error *error);

/* Returns whether every other request to the bucket would fail in the same way. */
bool s3_error_is_everywhere(const struct s3_error *error);

/* Returns whether the store rejects the credentials, but may accept newer ones. */
bool s3_error_is_of_credentials(const struct s3_error *error);

/* Adds one line without the object's name to OUT: what failed and what to do.  The line has the
 * store's own text for an error that this program does not explain, unless the text repeats a part
 * of the credentials.  ACTION is the permission that the request needs, such as s3:GetObject.
 * CLOCK_AHEAD: seconds that this machine's clock is ahead of the store's. */
void s3_error_explain(struct buffer *out, const struct s3_error *error,
                      const struct s3_bucket *bucket, const char *action, long clock_ahead);

#endif
