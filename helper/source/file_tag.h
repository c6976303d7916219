/* Makes the tag of a file's version, which names the version as an ETag does. */
#ifndef SOURCE_FILE_TAG_H
#define SOURCE_FILE_TAG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

enum { FILE_TAG_SIZE = 32 };

/* Writes the file's time of modification as SECONDS.NANOSECONDS: since 1970, nine digits.  The
 * ledger stores this text. */
void file_tag(char tag[FILE_TAG_SIZE], const struct timespec *modified);

/* Returns whether TAG is the tag of a file, and not an ETag. */
bool file_tag_is(const char *tag);

/* Returns whether a file with this STATUS is the version with TAG and SIZE (bytes). */
bool file_is_version(const struct stat *status, const char *tag, uint64_t size);

#endif
