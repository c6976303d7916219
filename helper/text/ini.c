#include "text/ini.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* inih knows neither line numbers nor empty sections, cuts section names at 49 bytes and lines at
 * a length set when it was built (200 by default, less than an AWS session token), and takes an
 * indented setting for more of the value above it.  So a reader of our own hands it the lines:
 * headers are dealt with here, indentation goes, and a long line is passed on in pieces, the
 * later ones indented, so that inih takes them for more of the same value. */
enum { INIH_NAME_MAX = 49 };

enum { LINE_SIZE_MAX = 64 * 1024, FILE_SIZE_MAX = 4 * 1024 * 1024 };

struct reading {
    FILE *file;
    char *line;  /* LINE_SIZE_MAX bytes, with the NUL */
    size_t size; /* of the lines so far */
    char *rest;  /* what of the line inih has not seen yet, NULL: all was */
    char *section;
    char *name;  /* of the setting being put together, NULL: none */
    char *value; /* the pieces of its value */
    unsigned number;
    bool indented;
    int result;
    ini_visitor *visit;
    void *user;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

static void visit(struct reading *reading, const char *name, const char *value)
{
    struct ini_line line = {reading->section ? reading->section : "", name, value, reading->number,
                            reading->indented};
    reading->result = reading->visit(reading->user, &line);
}

static void fail(struct reading *reading, int result)
{
    if (!reading->result)
        reading->result = result;
}

static void fail_without_memory(struct reading *reading)
{
    errno = ENOMEM;
    fail(reading, INI_UNREADABLE);
}

/* The line before is complete: its setting goes to the visitor. */
static void finish_setting(struct reading *reading)
{
    if (reading->name && !reading->result)
        visit(reading, reading->name, reading->value);
    free(reading->name);
    free(reading->value);
    reading->name = reading->value = NULL;
}

static void start_section(struct reading *reading, const char *header)
{
    const char *end = strchr(header, ']');
    const char *behind = end ? end + 1 + strspn(end + 1, " \t\r") : NULL;
    if (!end || end == header || (*behind && *behind != ';' && *behind != '#')) {
        fail(reading, INI_MALFORMED);
        return;
    }
    while (is_space(*header))
        header++;
    while (end > header && is_space(end[-1]))
        end--;
    free(reading->section);
    reading->section = strndup(header, (size_t)(end - header));
    if (!reading->section)
        fail_without_memory(reading);
    else
        visit(reading, NULL, NULL);
}

/* Reads a line with its end.  Returns its size, or 0 at the file's end and after a failure. */
static size_t read_line(struct reading *reading)
{
    size_t size = 0;
    int c = 0;
    while (c != '\n' && (c = getc(reading->file)) != EOF) {
        if (size == LINE_SIZE_MAX - 1 || reading->size == FILE_SIZE_MAX) {
            reading->number++;
            fail(reading, INI_TOO_LONG);
            return 0;
        }
        if (!c) {
            reading->number++;
            fail(reading, INI_MALFORMED); /* not a text file */
            return 0;
        }
        reading->line[size++] = (char)c;
        reading->size++;
    }
    reading->line[size] = '\0';
    if (c == EOF && ferror(reading->file)) {
        fail(reading, INI_UNREADABLE);
        return 0;
    }
    return size;
}

/* Reads up to the next line that holds a setting, and points rest at it. */
static bool next_setting(struct reading *reading)
{
    while (!reading->result) {
        size_t size = read_line(reading);
        if (!size)
            return false;
        reading->number++;
        char *start = reading->line;
        if (reading->number == 1 && !strncmp(start, "\xef\xbb\xbf", 3))
            start += 3;
        reading->indented = is_space(*start);
        while (is_space(*start))
            start++;
        while (size > (size_t)(start - reading->line) && is_space(reading->line[size - 1]))
            reading->line[--size] = '\0';
        if (*start == '[') {
            start_section(reading, start + 1);
        } else if (*start && *start != ';' && *start != '#') {
            for (char *p = start + 1; *p; p++)
                if (*p == ';' && is_space(p[-1])) {
                    *p = '\0';
                    break;
                }
            size_t name_size = strcspn(start, "=:");
            if (!start[name_size] || name_size > INIH_NAME_MAX) {
                fail(reading, INI_MALFORMED);
                return false;
            }
            reading->rest = start;
            return true;
        }
    }
    return false;
}

/* inih's reader: like fgets(). */
static char *next_piece(char *piece, int capacity, void *user)
{
    struct reading *reading = user;
    if (!reading->rest) {
        finish_setting(reading);
        if (reading->result || !next_setting(reading))
            return NULL;
    } else if (capacity > 1) {
        *piece++ = ' ';
        capacity--;
    }
    /* inih trims each piece, and takes one that begins with # or ; for a comment. */
    size_t size = strlen(reading->rest), room = (size_t)capacity - 1;
    if (size > room) {
        size = room;
        while (size > 1 &&
               (strchr(" \t;#", reading->rest[size]) || is_space(reading->rest[size - 1])))
            size--;
    }
    memcpy(piece, reading->rest, size);
    piece[size] = '\0';
    reading->rest = reading->rest[size] ? reading->rest + size : NULL;
    return piece;
}

static int take_piece(void *user, const char *section, const char *name, const char *value)
{
    (void)section;
    struct reading *reading = user;
    if (!reading->name) {
        reading->name = strdup(name);
        reading->value = strdup(value);
        if (!reading->name || !reading->value)
            fail_without_memory(reading);
        return 1;
    }
    size_t before = strlen(reading->value), more = strlen(value);
    char *longer = realloc(reading->value, before + more + 1);
    if (!longer) {
        fail_without_memory(reading);
        return 1;
    }
    memcpy(longer + before, value, more + 1);
    reading->value = longer;
    return 1;
}

const char *ini_problem(int result)
{
    return result == INI_TOO_LONG
               ? "a line of more than 64 KiB, or a file of more than 4 MiB; is it "
                 "an INI file?"
               : "neither [SECTION] nor NAME = VALUE";
}

int ini_read(const char *path, ini_visitor *visitor, void *user, unsigned *line)
{
    struct reading reading = {.visit = visitor, .user = user};
    reading.file = fopen(path, "re");
    reading.line = reading.file ? malloc(LINE_SIZE_MAX) : NULL;
    if (!reading.line) {
        int cause = errno;
        if (reading.file)
            fclose(reading.file);
        errno = cause;
        *line = 0;
        return INI_UNREADABLE;
    }
    ini_parse_stream(next_piece, &reading, take_piece, &reading);
    finish_setting(&reading);
    *line = reading.number;
    int saved = errno;
    fclose(reading.file);
    free(reading.line);
    free(reading.section);
    errno = saved;
    return reading.result;
}
