#include "s3/etag.h"

#include <string.h>

const char *s3_etag_find(const char *value, size_t *size)
{
    *size = strlen(value);
    if (*size < 2 || *value != '"' || value[*size - 1] != '"')
        return value;
    *size -= 2;
    return value + 1;
}

bool s3_etag_is_weak(const char *etag)
{
    return !strncmp(etag, "W/\"", 3);
}

/* Returns the text between the quotes of a weak ETag, or a strong one as it is. */
static const char *find_opaque(const char *etag, size_t *size)
{
    return s3_etag_find(s3_etag_is_weak(etag) ? etag + 2 : etag, size);
}

bool s3_etag_is_equal(const char *a, const char *b)
{
    size_t size_a, size_b;
    const char *opaque_a = find_opaque(a, &size_a), *opaque_b = find_opaque(b, &size_b);
    return size_a == size_b && !memcmp(opaque_a, opaque_b, size_a);
}

bool s3_etag_is_md5(const char *etag)
{
    size_t size = strspn(etag, "0123456789abcdefABCDEF");
    return size == (size_t)2 * S3_ETAG_MD5_SIZE && !etag[size];
}
