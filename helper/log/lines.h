/* Cuts the bytes of one object after another into lines, or into the units that the format wants.
 * Gzip and zstd data are decompressed first, also when they were compressed twice.  Banners (log/banner.h), and lines
 * of blanks among other lines, are left out. */
#ifndef LOG_LINES_H
#define LOG_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/digest.h"

/* The most bytes of a line, without its line end, and of a value.  CloudFront accepts no request
 * that could make a longer one: a URL of 8 KiB and headers of 32 KiB, each byte encoded as three,
 * twice over. */
enum { LINES_SIZE_MAX = 256 * 1024 };

/* The most bytes of the text of a value: by the last one, the taker knows that the value is too long. */
enum { LINES_VALUE_MAX = LINES_SIZE_MAX + 1 };

/* Bytes after a line that may be read too, so that its values can be copied in pieces of 16 bytes. */
enum { LINES_SLACK = 16 };

/* By how many of an object's first bytes the way to cut it is chosen. */
enum { LINES_HEAD = 64 };

/* The byte order mark of UTF-8. */
enum { LINES_MARK_SIZE = 3 };
extern const char lines_mark[LINES_MARK_SIZE];

/* How an object is cut. */
enum lines_unit {
    LINES_LINE,  /* into lines */
    LINES_VALUE, /* into values, whose ends their taker finds */
    LINES_WHOLE  /* not at all */
};

/* What take_value() returns to stop. */
#define LINES_STOP SIZE_MAX

/* Takes what an object is cut into. */
struct lines_taker {
    /* Chooses the unit by the first bytes of an object, or after lines_begin_again(): LINES_HEAD of them, or all if it
     * has fewer.  A byte order mark and empty lines before them are left out.  Not called for an empty one. */
    enum lines_unit (*begin)(void *user, const char *head, size_t size);

    /* Takes a line of SIZE bytes, without its line end (LF or CR LF), and with other bytes than
     * spaces and TABs.  IS_CUT: the line is longer than LINES_SIZE_MAX, and these are its first bytes.  Returns false
     * to stop. */
    bool (*line)(void *user, const char *line, size_t size, bool is_cut);

    /* Takes the value at the start of TEXT.  IS_END: the object ends after it.  Returns the bytes of
     * the value, at least 1; 0 when the value goes on after the text, not allowed at the end, or if the text has
     * LINES_VALUE_MAX bytes; or LINES_STOP. */
    size_t (*value)(void *user, const char *text, size_t size, bool is_end);

    /* Takes the next bytes of a whole object.  Returns false to stop. */
    bool (*piece)(void *user, const char *piece, size_t size);
};

struct lines;

/* Makes a cutter; NULL when memory has run out.  TAKER must last as long. */
struct lines *lines_new(const struct lines_taker *taker, void *user);
void lines_free(struct lines *lines);

/* Adds all bytes of the objects that follow, as they are inflated, to the DIGESTER; it begins with each
 * object. */
void lines_set_digester(struct lines *lines, struct digester *digester);

/* An object whose compressed data inflates to more than BYTES is an error; 0: no limit. */
void lines_set_max_inflated(struct lines *lines, uint64_t bytes);

/* Begins an object: the next piece is its first. */
void lines_begin(struct lines *lines);

/* Takes the next piece of the object, of less than 2 GiB.  Returns false when the taker did, when the
 * packed data is corrupt, or when there is too much of it. */
bool lines_feed(struct lines *lines, const unsigned char *piece, size_t size);

/* Ends the object.  Returns false as above, and when the packed data is truncated. */
bool lines_end(struct lines *lines);

/* Called by a taker within line() and value(): the taker has not taken this line or value, or only its bytes before
 * FROM, and begin() chooses the unit anew for the bytes from there on. */
void lines_begin_again(struct lines *lines, const char *from);

/* Returns the error in the data, a constant text; NULL when there is none. */
const char *lines_error(const struct lines *lines);

/* Returns whether the error is that another program has compressed the data, in a format that is not read. */
bool lines_is_packed_otherwise(const struct lines *lines);

/* Returns whether the line that is being taken is the object's last and has no line end. */
bool lines_is_unended(const struct lines *lines);

/* Returns the number of the line that was taken last, or in which the value begins; from 1. */
uint64_t lines_number(const struct lines *lines);

#endif
