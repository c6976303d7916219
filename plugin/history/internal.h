/* What reading (read.c, stream.c, waiting.c) and writing (write.c, write_lines.c, out.c) of history
 * files share, and the kinds of their sections (kinds.c). */
#ifndef PLUGIN_HISTORY_INTERNAL_H
#define PLUGIN_HISTORY_INTERNAL_H

#include "history/history.h"
#include "history/old_file.h"
#include "history/split.h"
#include "loop/internal.h"
#include "tables/seen.h"
#include "tables/top.h"

struct history_kind;
struct history_stream;
struct found_section;

/* Writes a line of the old file whose key of KEY_SIZE bytes has no row, if the line stays as it is; else returns
 * false. */
typedef bool history_copy_line(pTHX_ struct history *history, const struct found_section *section,
                               const char *line, size_t size, size_t key_size);

/* A section of the history. */
struct found_section {
    const struct history_kind *kind;
    const char *rest; /* "1" of "extra_1", in the name that was looked for */
    struct rows *rows;
    struct extra_section *extra; /* of an extra section */
    struct arena *texts;         /* of error pages: the texts of their rows */
    SV *max, *min; /* how many rows come first, and the least number that they must have */
    SV *told;      /* how many come first by the comment; NULL: max */
    struct history_stream *stream; /* NULL: the rows have all lines */
};

/* Adds a line of a section to its row; false if it is uncertain how AWStats would. */
typedef bool history_add_line(pTHX_ struct history *history, const struct found_section *section,
                              struct row *row, const struct history_line *line);

/* Writes the line of a row: each function does that of one kind of section in Save_History. */
typedef void history_put_line(pTHX_ struct history *history, const struct row *row);

/* A kind of section that is read and written here. */
struct history_kind {
    const char *section; /* as Save_History calls it; "extra_" begins "extra_1" */
    const char *name;    /* as the file has it, the same */
    /* Fills in all of FOUND but its stream; false: this configuration has no such section.  NULL (keywords): the
     * section's lines are not read, and are made from those of another one. */
    bool (*find)(pTHX_ struct history *history, struct found_section *found);
    history_add_line *add_line;
    unsigned sums;        /* how many of a row's first columns are sums of those of its lines */
    unsigned bytes_field; /* for history_add_numbers(): the field that may be below 0; 0: none */
    bool (*has_line)(const struct row *row);
    history_put_line *put_line;
    enum {
        IN_NO_ORDER,
        FIRST_ROWS, /* those with the greatest of the column ORDER come first */
        ALL_ROWS    /* by that column */
    } sorted;
    unsigned select, order; /* columns: see top.h */
    enum table_kind table;
    const char *comment, *comment_end; /* around max */
    const char *max, *min;             /* keys of %MaxNbOf and %MinHit */
    history_copy_line *copy_line;      /* NULL: its lines are put in their places one by one */
};

enum {
    HISTORY_VISITOR,
    HISTORY_SIDER,
    HISTORY_PAGEREFS,
    HISTORY_SEARCHWORDS,
    HISTORY_KEYWORDS,
    HISTORY_DOWNLOADS,
    HISTORY_UNKNOWN_OSES,
    HISTORY_UNKNOWN_BROWSERS,
    HISTORY_EXTRA,
    HISTORY_ERROR_PAGES,
    HISTORY_KINDS
};
extern const struct history_kind history_kinds[HISTORY_KINDS];

/* A section whose lines get no rows, but for those of keys that the tables have: when it is written, the
 * old file is read again, and all other lines are copied. */
struct history_stream {
    struct history_stream *next;
    struct found_section section;
    bool is_used;
    uint64_t start, end; /* places of the lines that were read */
    UV lines;            /* those without rows, but with a line in the new file */
    UV with_pages;       /* hosts with pages */
    uint64_t order;      /* of the last line, when all rows are sorted */
    /* Of the absolute numbers of the lines without rows, in as many columns as are sums. */
    int64_t sum[HISTORY_FIELDS];
    struct seen seen; /* all keys without rows, while the section is read */
    struct top top;   /* of the lines without rows, then of all */
    size_t put;       /* when all rows are sorted: how many of TOP were written */
};

/* Marks of rows, while a file is read and written. */
enum {
    ROW_IN_FILE = 1, /* the row has the numbers of its line in the old file */
    ROW_LOADED = 2,  /* the line was read again for that, and there may be more lines of its key */
    ROW_WRITTEN = 4
};

struct history {
    struct update_loop *loop;
    SV *error_details;      /* ShowHTTPErrorsPageDetail */
    struct counter_key day; /* of late */
    UV day_number;          /* YYYYMMDD of it; 0: none */

    /* The file that is being read: */
    bool begun;  /* its first line was read */
    bool recent; /* its version's sections have the columns of today */
    enum {
        OUTSIDE,
        IN_SECTION,
        IN_OTHER_SECTION
    } place; /* in one that is added here, or another */
    struct found_section section;
    SV *end;                        /* first field of the section's last line */
    HV *seen;                       /* such fields, of sections that have begun */
    struct old_file *old;           /* the file; NULL: AWStats' handle must be read */
    struct history_stream *streams; /* of all sections that were read */
    union {
        struct row row;
        uint64_t room[HOST_COLUMNS + 2];
    } temporary;        /* of a line that has no row */
    struct arena texts; /* of that row */

    /* The file that is being written: */
    PerlIO *file;
    char *out; /* what is to be written: USED bytes of CAPACITY */
    size_t used, capacity;
    UV known_hosts;
    struct rows words; /* of the phrases that were written */
};

/* ---- the kinds of sections (kinds.c) ---- */

/* Find a section that awstats.pl saves, and one by its name in a file.  False: awstats.pl writes and reads the
 * section.  NAME must stay while the section is used. */
bool history_find_saved(pTHX_ struct history *history, const char *name,
                        struct found_section *found);
bool history_find_read(pTHX_ struct history *history, const char *name,
                       struct found_section *found);

/* Returns how many rows of a section come first, and the least number that they must have. */
struct top history_top(pTHX_ const struct found_section *found);

/* Whether BuildKeyList takes the limits of all sections. */
bool history_has_limits(pTHX_ const struct history *history);

/* ---- lines of a file that is being read (read.c) ---- */

history_add_line history_add_visitor;    /* VISITOR */
history_add_line history_add_numbers;    /* SIDER, PAGEREFS, SEARCHWORDS, DOWNLOADS */
history_add_line history_add_time;       /* UNKNOWNREFERER, UNKNOWNREFERERBROWSER */
history_add_line history_add_extra_row;  /* EXTRA_N */
history_add_line history_add_error_page; /* SIDER_CODE */

/* ---- sections whose lines get no rows (stream.c) ---- */

/* Begins the reading and forgets all streams. */
void history_stream_reset(struct history *history);

/* Reads the lines of the section that has begun from here on without making rows, if the file can be read
 * again. */
void history_stream_begin(pTHX_ struct history *history);

/* Returns the stream of a section with these rows; NULL when they have all lines. */
struct history_stream *history_stream_of(const struct history *history, const struct rows *rows);

/* Reads a line; false if it is uncertain how AWStats reads it. */
bool history_stream_line(pTHX_ struct history *history, struct history_stream *stream,
                         const struct history_line *line);

/* Ends the reading of a section: makes rows of all its lines if a key may be there twice. */
void history_stream_end(pTHX_ struct history *history, struct history_stream *stream);

/* Writes the rows and lines that come first, which TOP has sorted, and all other lines of the old file, those
 * of rows with the row's numbers.  Other rows are left. */
void history_stream_put(pTHX_ struct history *history, struct history_stream *stream);

/* Gives all counters back to AWStats, those of the lines that were read, too. */
void history_give_back(pTHX_ struct history *history);

/* ---- visits of hosts that wait for their line (waiting.c) ---- */

/* Joins the first visit of a waiting host with the visit of its line in the file, whose times and
 * last page (NULL: none) these are.  False if AWStats must do that, and nothing was changed. */
bool history_join_visits(pTHX_ struct history *history, struct row *host, UV last, UV start,
                         struct row *page);

/* Counts the visits of the hosts that still wait: the file has no line of them. */
void history_end_waiting(pTHX_ struct history *history);

/* Counts a visit's length. */
void history_count_session(pTHX_ struct history *history, UV start, UV last);

/* ---- lines of a file that is being written (out.c, write_lines.c) ---- */

/* Returns room for SIZE bytes, which history_put_end() adds. */
char *history_put_begin(struct history *history, size_t size);
void history_put_end(struct history *history, size_t size);

void history_put(struct history *history, const char *text, size_t size);
void history_put_string(struct history *history, const char *text);
void history_put_number(struct history *history, UV number);

/* Adds the searches for a phrase to each of its words. */
void history_add_words(pTHX_ struct history *history, const char *phrase, size_t size,
                       uint64_t searches);

/* Ends the line, and writes the lines when there are many. */
void history_end_line(pTHX_ struct history *history);

/* Writes all lines to the file. */
void history_flush(pTHX_ struct history *history);

/* Writes the line of a row, which is marked. */
void history_put_row(pTHX_ struct history *history, const struct history_kind *kind,
                     struct row *row);

history_put_line history_put_visitor;    /* "visitor" */
history_put_line history_put_page;       /* "sider" */
history_put_line history_put_referer;    /* "pagerefs" */
history_put_line history_put_phrase;     /* "searchwords"; adds the phrase's words to WORDS */
history_put_line history_put_word;       /* "searchwords", its keywords */
history_put_line history_put_download;   /* "downloads" */
history_put_line history_put_agent;      /* "unknownreferer", "unknownrefererbrowser" */
history_put_line history_put_extra_row;  /* "extra_N" */
history_put_line history_put_error_page; /* "sider_CODE" */

/* ---- lines of the old file that stay as they are (copy_lines.c) ---- */

history_copy_line history_copy_visitor;
history_copy_line history_copy_page;
history_copy_line history_copy_referer;
history_copy_line history_copy_phrase;
history_copy_line history_copy_numbers; /* "unknownreferer", "unknownrefererbrowser" */
history_copy_line history_copy_extra_row;
history_copy_line history_copy_error_page;

#endif
