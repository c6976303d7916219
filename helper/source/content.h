/* Finds the content of a file, a few characters by which the program recognizes a log under any
 * name: the CRC-32 and the length of the log, as the trailer of gzip data has them (RFC 1952,
 * section 2.3.1).  A plain file and its compressed copy have the same content. */
#ifndef SOURCE_CONTENT_H
#define SOURCE_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "text/digest.h"

enum { CONTENT_SIZE = 32 };

/* How much of a file to read. */
enum content_effort {
    CONTENT_BY_TRAILER, /* of gzip data, the first bytes and the trailer; of other files, nothing */
    CONTENT_BY_READING, /* the trailer of gzip data, if it is usable; else the whole file */
    CONTENT_BY_INFLATING /* the whole file; gzip and zstd data are unpacked */
};

struct content {
    /* "CRC LENGTH": the CRC in eight hexadecimal digits, and the length in bytes modulo 2^32.  By
     * the trailer: of the last gzip member.  By inflating: of the whole text.  Else: of the bytes
     * of the file. */
    char end[CONTENT_SIZE];
    /* As digest_write(), of the whole text; "": the text was not read as a whole. */
    char digest[DIGEST_WRITTEN_SIZE];
};

/* Finds the content of the open file FD of SIZE bytes.  Neither uses nor changes the position of
 * FD.  Returns false when the file cannot be read, when packed data is corrupt, and with
 * CONTENT_BY_TRAILER when there is no usable trailer of gzip data. */
bool content_find(struct content *content, int fd, uint64_t size, enum content_effort effort);

/* Returns whether END, of struct content, can be that of a plain file of SIZE bytes. */
bool content_is_plain(const char *end, uint64_t size);

#endif
