#include "historyfile/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "historyfile/general.h"
#include "historyfile/map.h"
#include "historyfile/row.h"
#include "memory/allocate.h"

/* The most bytes of lines before the map, or above a section. */
enum { COMMENTS_MAX = 64 * 1024 };

#define FIRST_LINE "AWSTATS DATA FILE "
#define DATE_LINE  "# If you remove this file, all statistics for date "

struct history_reader {
    const char *path;
    struct history_lines lines;
    struct history_map map;
    struct buffer header, version, date, name, comments, begin, row;
    struct history_general general; /* take_row() reads rows of GENERAL into this, to check them */
    bool is_in_section;
    struct history_text text;
};

/* The versions of AWStats whose sections sections.def has. */
static const char *const versions[] = {"7.8", "7.9", "8.0"};

static void add_place(const struct history_reader *reader, uint64_t number, struct buffer *error)
{
    buffer_printf(error, "%s: line %" PRIu64 ": ", reader->path, number);
}

/* ---- lines ---------------------------------------------------------------------------------- */

static void explain_line(const struct history_reader *reader, enum history_lines_result result,
                         struct buffer *error)
{
    if (result == HISTORY_LINES_FAILED)
        buffer_printf(error, "%s: %s", reader->path, strerrordesc_np(errno));
    else if (result == HISTORY_LINES_LONG)
        buffer_printf(error,
                      "%s: line %" PRIu64 " is longer than %d bytes; this is no AWStats history "
                      "file, or it is corrupt",
                      reader->path, reader->lines.number + 1, HISTORY_LINE_MAX);
    else
        buffer_printf(error,
                      "%s: the file ends in line %" PRIu64 ", %s%s; it was cut off: restore it "
                      "from a backup",
                      reader->path, reader->lines.number + (result == HISTORY_LINES_CUT),
                      reader->is_in_section ? "in the section " : "before its sections",
                      reader->is_in_section ? reader->name.data : "");
}

/* Reads the next line, and overwrites its LF with a NUL.  Returns false with an error, also at the end of the
 * file. */
static bool next_line(struct history_reader *reader, char **line, size_t *size,
                      struct buffer *error)
{
    enum history_lines_result result =
        history_lines_next(&reader->lines, HISTORY_LINE_MAX, line, size);
    if (result != HISTORY_LINES_LINE) {
        explain_line(reader, result, error);
        return false;
    }
    (*line)[*size] = '\0';
    return true;
}

void history_reader_fail_row(const struct history_reader *reader, uint64_t number, const char *line,
                             struct buffer *error)
{
    add_place(reader, number, error);
    buffer_printf(
        error,
        "AWStats writes no such line %s%s, or a number in the line has more than %d digits: "
        "%.100s; restore the file from a backup",
        reader->is_in_section ? "in the section " : "outside of a section",
        reader->is_in_section ? reader->name.data : "", HISTORY_DIGITS_MAX, line);
}

static bool fail_line(const struct history_reader *reader, const char *line, struct buffer *error)
{
    history_reader_fail_row(reader, reader->lines.number, line, error);
    return false;
}

/* Returns the text behind PREFIX in LINE; NULL when LINE does not begin with PREFIX. */
static const char *after(const char *line, const char *prefix)
{
    size_t size = strlen(prefix);
    return strncmp(line, prefix, size) ? NULL : line + size;
}

static void set(struct buffer *buffer, const char *text, size_t size)
{
    buffer_clear(buffer);
    buffer_add(buffer, text, size);
}

/* ---- the header and the map ----------------------------------------------------------------- */

static bool is_known_version(const char *version)
{
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        const char *rest = after(version, versions[i]);
        if (rest && (!*rest || *rest == ' '))
            return true;
    }
    return false;
}

static bool read_version(struct history_reader *reader, struct buffer *error)
{
    char *line;
    size_t size;
    if (history_lines_next(&reader->lines, HISTORY_LINE_MAX, &line, &size) != HISTORY_LINES_LINE) {
        buffer_printf(error, "%s: this is no AWStats history file: the first line does not end",
                      reader->path);
        return false;
    }
    line[size] = '\0';
    const char *version = after(line, FIRST_LINE);
    if (version && is_known_version(version)) {
        set(&reader->version, version, strlen(version));
        return true;
    }
    if (version)
        buffer_printf(error,
                      "%s: AWStats %.40s wrote this history file; only those of 7.8, 7.9 and 8.0 "
                      "can be merged; let a later AWStats update it first",
                      reader->path, version);
    else if (after(line, "<xml"))
        buffer_printf(
            error,
            "%s: this history file is in the XML format, which cannot be merged; set "
            "BuildHistoryFormat=text in the AWStats configuration, and let AWStats update "
            "the file",
            reader->path);
    else
        buffer_printf(error,
                      "%s: this is no AWStats history file: the first line does not begin with "
                      "\"" FIRST_LINE "\"",
                      reader->path);
    return false;
}

/* Reads the lines from the second one to BEGIN_MAP. */
static bool read_header(struct history_reader *reader, struct buffer *error)
{
    char *line;
    size_t size;
    buffer_printf(&reader->header, FIRST_LINE "%s\n", reader->version.data);
    while (next_line(reader, &line, &size, error)) {
        if (after(line, "BEGIN_MAP "))
            return reader->date.size || fail_line(reader, line, error);
        if (after(line, "BEGIN_")) {
            add_place(reader, reader->lines.number, error);
            buffer_add_text(error, "the file has no map of its sections; let AWStats update the "
                                   "file, which writes the map");
            return false;
        }
        if ((*line && *line != '#') || reader->header.size + size > COMMENTS_MAX)
            return fail_line(reader, line, error);
        const char *date = after(line, DATE_LINE);
        if (date)
            set(&reader->date, date, strcspn(date, " "));
        buffer_add(&reader->header, line, size);
        buffer_add(&reader->header, "\n", 1);
    }
    return false;
}

static bool read_map(struct history_reader *reader, struct buffer *error)
{
    char *line;
    size_t size;
    set(&reader->name, "MAP", 3);
    reader->is_in_section = true;
    while (next_line(reader, &line, &size, error)) {
        if (!strcmp(line, "END_MAP")) {
            reader->is_in_section = false;
            return true;
        }
        char *name = line + 4;
        size_t length = after(line, "POS_") ? history_key_size(name, size - 4) : 0;
        if (!length || length == size - 4)
            return fail_line(reader, line, error);
        uint64_t mapped;
        const char *number = name + length + 1;
        size_t digits = history_number_read(number, strlen(number), &mapped);
        if (number[digits + strspn(number + digits, " ")])
            return fail_line(reader, line, error);
        name[length] = '\0';
        struct history_place *place = history_map_get(&reader->map, name);
        if (!place || place->is_mapped)
            return fail_line(reader, line, error);
        place->is_mapped = digits > 0;
        place->mapped = mapped;
    }
    return false;
}

struct history_reader *history_reader_new(int fd, const char *path, struct buffer *error)
{
    struct history_reader *reader = memory_allocate(1, sizeof *reader);
    reader->path = path;
    history_lines_open(&reader->lines, fd);
    if (!read_version(reader, error) || !read_header(reader, error) || !read_map(reader, error)) {
        history_reader_free(reader);
        return NULL;
    }
    reader->text.header = reader->header.data;
    reader->text.version = reader->version.data;
    reader->text.date = reader->date.data;
    return reader;
}

void history_reader_free(struct history_reader *reader)
{
    if (!reader)
        return;
    history_lines_close(&reader->lines);
    history_map_free(&reader->map);
    buffer_free(&reader->header);
    buffer_free(&reader->version);
    buffer_free(&reader->date);
    buffer_free(&reader->name);
    buffer_free(&reader->comments);
    buffer_free(&reader->begin);
    buffer_free(&reader->row);
    free(reader);
}

const struct history_text *history_reader_text(const struct history_reader *reader)
{
    return &reader->text;
}

struct digest history_reader_digest(const struct history_reader *reader)
{
    return digester_end(reader->lines.digester);
}

/* ---- sections ------------------------------------------------------------------------------- */

static enum history_item fail_section(const struct history_reader *reader, const char *what,
                                      struct buffer *error)
{
    add_place(reader, reader->lines.number, error);
    buffer_printf(error, what, reader->name.data);
    return HISTORY_FAILED;
}

/* Begins the section that LINE names: BEGIN_NAME[ WORDS] COUNT. */
static enum history_item begin_section(struct history_reader *reader, const char *line, size_t size,
                                       struct buffer *error)
{
    const char *name = line + 6, *count = strrchr(line, ' ');
    set(&reader->name, name, strcspn(name, " "));
    const struct history_section *section =
        history_section_find(reader->name.data, reader->name.size);
    bool is_general = !strcmp(reader->name.data, "GENERAL");
    if (strlen(line) != size || !count || !reader->name.size ||
        strspn(count + 1, "0123456789") != strlen(count + 1)) {
        fail_line(reader, line, error);
        return HISTORY_FAILED;
    }
    if (!section && !is_general)
        return fail_section(reader,
                            "the section %s is not known, so its rows cannot be added up; let an "
                            "AWStats without the plugin that writes this section update the file, "
                            "or merge other files",
                            error);
    struct history_place *place = history_map_get(&reader->map, reader->name.data);
    if (!place || place->is_found)
        return fail_section(reader,
                            "the file has the section %s twice, or too many sections; restore the "
                            "file from a backup",
                            error);
    place->is_found = true;
    place->found = reader->lines.begin;
    set(&reader->begin, line, (size_t)(count - line));
    if (!reader->comments.size)
        set(&reader->comments, "", 0);
    reader->is_in_section = true;
    reader->text.section = section;
    reader->text.name = reader->name.data;
    reader->text.comments = reader->comments.data;
    reader->text.begin = reader->begin.data;
    return HISTORY_BEGINS;
}

static enum history_item end_file(struct history_reader *reader, struct buffer *error)
{
    const struct history_place *place = history_map_check(&reader->map);
    if (!place && reader->general.is_read)
        return HISTORY_DONE;
    if (!place)
        buffer_printf(
            error, "%s: the file has no section GENERAL; it was cut off: restore it from a backup",
            reader->path);
    else if (place->is_found)
        buffer_printf(error,
                      "%s: the map says that the section %s begins at byte %" PRIu64
                      ", but it begins at byte %" PRIu64
                      ": the file was changed; remove the lines from BEGIN_MAP to END_MAP, and let "
                      "AWStats update the file, or restore the file from a backup",
                      reader->path, place->name, place->mapped, place->found);
    else
        buffer_printf(
            error,
            "%s: the map names the section %s, which the file does not have; the file was "
            "cut off: restore it from a backup",
            reader->path, place->name);
    return HISTORY_FAILED;
}

/* Reads the lines between two sections, and begins the second section. */
static enum history_item next_section(struct history_reader *reader, struct buffer *error)
{
    char *line;
    size_t size;
    buffer_clear(&reader->comments);
    for (;;) {
        enum history_lines_result result =
            history_lines_next(&reader->lines, HISTORY_LINE_MAX, &line, &size);
        if (result == HISTORY_LINES_END)
            return end_file(reader, error);
        if (result != HISTORY_LINES_LINE) {
            explain_line(reader, result, error);
            return HISTORY_FAILED;
        }
        line[size] = '\0';
        if (after(line, "BEGIN_"))
            return begin_section(reader, line, size, error);
        if ((*line && *line != '#') || reader->comments.size + size > COMMENTS_MAX) {
            fail_line(reader, line, error);
            return HISTORY_FAILED;
        }
        if (*line) {
            buffer_add(&reader->comments, line, size);
            buffer_add(&reader->comments, "\n", 1);
        }
    }
}

/* Takes the line of a row.  Returns false when the line is not a row. */
static bool take_row(struct history_reader *reader, const char *line, size_t size)
{
    reader->text.line = line;
    reader->text.size = size;
    if (!reader->text.section)
        return history_general_read(&reader->general, line, size);
    return history_row_check(reader->text.section, &reader->text.line, &reader->text.size,
                             &reader->row);
}

bool history_reader_block(struct history_reader *reader, struct history_lines_block *block,
                          struct buffer *error)
{
    enum history_lines_result result =
        history_lines_next_block(&reader->lines, HISTORY_LINE_MAX, "END_", block);
    if (result == HISTORY_LINES_LINE)
        return true;
    explain_line(reader, result, error);
    return false;
}

enum history_item history_reader_next(struct history_reader *reader, struct buffer *error)
{
    char *line;
    size_t size;
    if (!reader->is_in_section)
        return next_section(reader, error);
    /* AWStats writes rows without a key, and leaves them out when it reads the file. */
    do
        if (!next_line(reader, &line, &size, error))
            return HISTORY_FAILED;
    while (*line == ' ');
    const char *end = *line == 'E' ? after(line, "END_") : NULL;
    if (end && !strcmp(end, reader->name.data) && strlen(line) == size) {
        reader->is_in_section = false;
        return next_section(reader, error);
    }
    if (take_row(reader, line, size))
        return HISTORY_ROW;
    fail_line(reader, line, error);
    return HISTORY_FAILED;
}
