/* Reads s3://BUCKET/PREFIX, and percent-encodes as S3's signatures and URLs do. */
#ifndef S3_URI_H
#define S3_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "text/buffer.h"

/* Both strings are owned (malloc).  The bucket is a name, or the ARN of an access point (s3/arn.h).
 * The prefix is "" for the whole bucket. */
struct s3_uri {
    char *bucket, *prefix;
};

/* Returns whether TEXT begins with s3://, in any case. */
bool s3_uri_is(const char *text);

/* Writes the scheme in small letters if TEXT begins with s3://, so that names can be compared. */
void s3_uri_lower_scheme(char *text);

/* Splits s3://BUCKET or s3://BUCKET/PREFIX, where BUCKET may be an ARN.  The prefix is not decoded.
 * Returns NULL, or an error (static). */
const char *s3_uri_parse(struct s3_uri *uri, const char *text);
void s3_uri_free(struct s3_uri *uri);

/* Returns the prefix in TEXT, a URI that s3_uri_parse() accepts: a part of TEXT, "" for the whole
 * bucket. */
const char *s3_uri_prefix(const char *text);

/* Adds TEXT to OUT, with all but RFC 3986's unreserved characters as %XX (capitals): "UriEncode" of
 * the Amazon S3 API reference, "Signature calculations for the Authorization header".  KEEP_SLASH
 * leaves "/" alone. */
void s3_uri_encode(struct buffer *out, const char *text, bool keep_slash);

/* Decodes %XX and "+" (a space) in place, as S3's encoding-type=url writes keys.  Returns the new
 * size, or -1 when an escape is broken or stands for NUL. */
long s3_uri_decode(char *text);

/* Adds the object KEY as the source of a copy (x-amz-copy-source). */
void s3_uri_add_copy_source(struct buffer *out, const struct s3_uri *uri, const char *key);

#endif
