/* The content of a file in a few characters, by which a log is known wherever it lies: the CRC-32
 * and the length of the log, as the trailer of gzip data has them (RFC 1952, section 2.3.1).  A
 * plain file and its compressed copy have the same content. */
#ifndef SOURCE_CONTENT_H
#define SOURCE_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

enum { CONTENT_SIZE = 32 };

/* Writes "CRC LENGTH" of the open file of SIZE bytes: eight hexadecimal digits, and bytes modulo
 * 2^32.  Of gzip data it reads the first two bytes and the last eight alone: what it writes is true
 * of a file of one member, and of several members it describes the last.  Reads any other file
 * whole.  The file's position does not matter, and stays.  Returns false when the file cannot be
 * read. */
bool content_find(char content[CONTENT_SIZE], int fd, uint64_t size);

/* Does the same, but inflates gzip data, so the result is true of any number of members.  Also
 * returns false when the data is corrupt. */
bool content_find_inflated(char content[CONTENT_SIZE], int fd, uint64_t size);

/* Whether the content can be that of a plain file of SIZE bytes. */
bool content_is_plain(const char *content, uint64_t size);

#endif
