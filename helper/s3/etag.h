/* The ETag of an object, which names its version.
 *
 * The program keeps an ETag without its quotes, but a weak one as it came, W/"...".  On AWS, the ETag of an object
 * that came in one request is the MD5 of its bytes, unless the object is encrypted with a key (SSE-KMS, SSE-C): then
 * it only looks like one.  The ETag of an upload in N parts ends with "-N".
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html */
#ifndef S3_ETAG_H
#define S3_ETAG_H

#include <stdbool.h>
#include <stddef.h>

/* The error of an object that the list has in one version, and the store sends in another one. */
#define S3_OTHER_ETAG                                                                              \
    "the object comes with another ETag than S3's list of objects has, so the S3 server, or a "    \
    "proxy, changes ETags; check the endpoint, and the proxy if there is one: they must send "     \
    "objects and their ETags as they are stored, and not compress them"

enum { S3_ETAG_MD5_SIZE = 16 }; /* bytes of an MD5 */

/* Finds the ETag in the value of a header, or in the text of an XML element.  Returns its first byte, and sets *SIZE to
 * the number of its bytes. */
const char *s3_etag_find(const char *value, size_t *size);

/* Returns whether the ETag is weak, as of a store or a proxy that changes the bytes on their way. */
bool s3_etag_is_weak(const char *etag);

/* Returns whether two ETags, weak or not, name the same version. */
bool s3_etag_is_equal(const char *a, const char *b);

/* Returns whether the ETag has the form of an MD5: 32 hexadecimal digits. */
bool s3_etag_is_md5(const char *etag);

#endif
