/* Writes records of the normalized log in formats that other programs read. */
#ifndef LOG_WRITE_AS_H
#define LOG_WRITE_AS_H

#include <stddef.h>
#include <stdint.h>

enum write_as {
    WRITE_NORMALIZED, /* as they are */
    /* The 33 columns of CloudFront's legacy standard logs, encoded as CloudFront encodes values.  Normalizing
     * the log gives the same records, but for columns that only the normalized log has.  cs(Host) and
     * x-host-header both have the virtual host; a version of HTTP that is absent is HTTP/1.1. */
    WRITE_CLOUDFRONT,
    WRITE_COMBINED /* the combined format of Apache httpd and nginx; without the virtual host */
};

/* The format's lines before the records: a constant text. */
const char *write_as_header(enum write_as as);

/* Returns the bytes that a record of SIZE bytes may take, in another format than the normalized log. */
static inline size_t write_as_room(size_t size)
{
    return 3 * size + 256;
}

/* Writes the record of SIZE bytes, with its LF, to OUT, which has room for write_as_room() bytes.
 * Returns the bytes written. */
size_t write_as_record(enum write_as as, const char *record, size_t size, char *out);

#endif
