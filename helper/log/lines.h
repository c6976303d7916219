/* Cuts the bytes of one object after another into lines.  Gzip data is inflated first. */
#ifndef LOG_LINES_H
#define LOG_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/digest.h"

/* The most bytes of a line, without its line end.  CloudFront accepts no request that could make a
 * longer one: a URL of 8 KiB and headers of 32 KiB, each byte encoded as three, twice over. */
enum { LINES_SIZE_MAX = 256 * 1024 };

struct lines;

/* Takes a line of SIZE bytes, without its line end (LF or CR LF); never an empty one.  IS_CUT: the
 * line is longer than LINES_SIZE_MAX, and these are its first bytes.  Returns false to stop. */
typedef bool lines_take(void *context, const char *line, size_t size, bool is_cut);

/* Makes a cutter of lines that calls TAKE; NULL when memory has run out. */
struct lines *lines_new(lines_take *take, void *context);
void lines_free(struct lines *lines);

/* Adds all bytes of the objects that follow, as they are inflated, to the DIGESTER; it begins with each
 * object. */
void lines_set_digester(struct lines *lines, struct digester *digester);

/* An object whose gzip data inflates to more than BYTES is an error; 0: no limit. */
void lines_set_max_inflated(struct lines *lines, uint64_t bytes);

/* Begins an object: the next piece is its first. */
void lines_begin(struct lines *lines);

/* Takes the next piece of the object, of less than 2 GiB.  Returns false when TAKE did, or when the
 * gzip data is corrupt. */
bool lines_feed(struct lines *lines, const unsigned char *piece, size_t size);

/* Ends the object.  Returns false when TAKE did, or when the gzip data is truncated. */
bool lines_end(struct lines *lines);

/* Returns the error in the gzip data, a constant text; NULL when there is none. */
const char *lines_error(const struct lines *lines);

/* Returns the number of the line that was taken last, from 1. */
uint64_t lines_number(const struct lines *lines);

#endif
