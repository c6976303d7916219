/* Reads a history file of AWStats in its text format, row by row.
 *
 *     AWSTATS DATA FILE VERSION
 *     # comments
 *
 *     # comments
 *     BEGIN_MAP COUNT
 *     POS_NAME PLACE          for each section, with spaces behind
 *     END_MAP
 *
 *     # comments
 *     BEGIN_NAME COUNT        for each section
 *     row
 *     END_NAME
 *
 * The reader accepts a file only if all of it is as AWStats writes it: it knows each section, each section has an end,
 * and is at the place that the map names. */
#ifndef HISTORYFILE_READER_H
#define HISTORYFILE_READER_H

#include "historyfile/lines.h"
#include "historyfile/section.h"
#include "text/buffer.h"
#include "text/digest.h"

enum { HISTORY_LINE_MAX = 1024 * 1024 };

struct history_reader;

enum history_item {
    HISTORY_FAILED = -1,
    HISTORY_DONE,
    HISTORY_BEGINS, /* a section */
    HISTORY_ROW
};

/* What the reader has read; texts are valid until the next item. */
struct history_text {
    const char *header;                    /* all lines before the map */
    const char *version;                   /* "7.8 (build 20200416)" */
    const char *date;                      /* the period: YYYYMM, YYYY, YYYYMMDD or YYYYMMDDHH */
    const struct history_section *section; /* NULL: GENERAL, rows are those of general.h */
    const char *name;                      /* of the section */
    const char *comments;                  /* of the section, with LF */
    const char *begin; /* the words of BEGIN_NAME without COUNT, "BEGIN_OS ID - Hits - Pages" */
    const char *line;  /* a row without LF; it can be read by history_row_read() */
    size_t size;
};

/* Makes a reader of the open file FD, which it takes over, and reads the header.  PATH is for errors, and must last.
 * Returns NULL with one line in ERROR. */
struct history_reader *history_reader_new(int fd, const char *path, struct buffer *error);
void history_reader_free(struct history_reader *reader); /* NULL is allowed */

const struct history_text *history_reader_text(const struct history_reader *reader);

/* Reads the next item; HISTORY_FAILED with one line in ERROR. */
enum history_item history_reader_next(struct history_reader *reader, struct buffer *error);

/* Returns the digest of the file's bytes, once all were read. */
struct digest history_reader_digest(const struct history_reader *reader);

/* Reads rows of the current section, whole lines, which history_row_read() may not take: see
 * history_lines_next_block().  Stores no row at the section's end, and before a line that only history_reader_next()
 * can tell from that end.  Returns false with one line in ERROR. */
bool history_reader_block(struct history_reader *reader, struct history_lines_block *block,
                          struct buffer *error);

/* Adds to ERROR that LINE, without LF, which has this NUMBER in the file, is no row. */
void history_reader_fail_row(const struct history_reader *reader, uint64_t number, const char *line,
                             struct buffer *error);

#endif
