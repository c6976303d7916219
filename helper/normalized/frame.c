#include "normalized/frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "normalized/ascii.h"
#include "normalized/batch_id.h"
#include "normalized/columns.h"

enum {
    DIGITS_MAX = 19,    /* more digits than these are not a number */
    UINT64_DIGITS = 20, /* of the largest number */
    PERIOD_MIN = 4,     /* digits: a year */
    PERIOD_MAX = 10,    /* an hour */
};

static const struct {
    const char *name; /* with the space after */
    enum frame_line line;
} names[] = {
    {"#Version: ", FRAME_VERSION}, {"#Software: awstats-cloudfront ", FRAME_SOFTWARE},
    {"#Fields: ", FRAME_FIELDS},   {"#Batch: ", FRAME_BATCH},
    {"#Site: ", FRAME_SITE},       {"#Formerly: ", FRAME_FORMERLY},
    {"#History: ", FRAME_HISTORY}, {"#Previous: ", FRAME_PREVIOUS},
    {"#Files: ", FRAME_FILES},     {"#Replaces: ", FRAME_REPLACES},
    {"#End: ", FRAME_END},
};

enum { NAMES = sizeof names / sizeof *names };

static const char *name_of(enum frame_line line)
{
    for (size_t i = 0; i < NAMES; i++)
        if (names[i].line == line)
            return names[i].name;
    return "";
}

size_t frame_put_header(char out[FRAME_HEADER_SIZE], const char *version)
{
    return (size_t)snprintf(out, FRAME_HEADER_SIZE, "%s1.0\n%s%s\n%s%s\n", name_of(FRAME_VERSION),
                            name_of(FRAME_SOFTWARE), version, name_of(FRAME_FIELDS), columns_names);
}

_Static_assert(sizeof "#End: records= bad= quarantined= repeated=\n" + 4 * UINT64_DIGITS <=
                   FRAME_END_SIZE,
               "the longest #End line fits");

size_t frame_put_end(char out[FRAME_END_SIZE], const struct frame_end *end)
{
    char repeated[sizeof " repeated=" + UINT64_DIGITS] = "";
    if (end->repeated)
        snprintf(repeated, sizeof repeated, " repeated=%" PRIu64, end->repeated);
    return (size_t)snprintf(out, FRAME_END_SIZE,
                            "%srecords=%" PRIu64 " bad=%" PRIu64 " quarantined=%" PRIu64 "%s\n",
                            name_of(FRAME_END), end->records, end->bad, end->quarantined, repeated);
}

static void add_byte(struct buffer *out, unsigned char byte)
{
    buffer_printf(out, byte <= ' ' || byte >= 0x7f || byte == '%' ? "%%%02X" : "%c", byte);
}

static void add_word(struct buffer *out, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        add_byte(out, *p);
}

/* Adds the line of the site's earlier names. */
static void add_formerly(struct buffer *out, const char *former)
{
    buffer_add_text(out, name_of(FRAME_FORMERLY));
    for (const unsigned char *p = (const unsigned char *)former; *p; p++)
        if (*p == '\n')
            buffer_add_text(out, " ");
        else
            add_byte(out, *p);
    buffer_add_text(out, "\n");
}

void frame_add_batch(struct buffer *out, const struct frame_batch *batch)
{
    buffer_printf(out, "%s%s\n%s", name_of(FRAME_BATCH), batch->id, name_of(FRAME_SITE));
    add_word(out, batch->site);
    buffer_add_text(out, " ");
    add_word(out, batch->configuration);
    buffer_add_text(out, "\n");
    if (batch->former)
        add_formerly(out, batch->former);
    if (batch->history) {
        buffer_add_text(out, name_of(FRAME_HISTORY));
        add_word(out, batch->history);
        buffer_add_text(out, "\n");
    }
    if (*batch->previous)
        buffer_printf(out, "%s%s\n", name_of(FRAME_PREVIOUS), batch->previous);
    if (batch->files)
        buffer_printf(out, "%s%s\n", name_of(FRAME_FILES), batch->files);
    if (*batch->replaces)
        buffer_printf(out, "%s%s\n", name_of(FRAME_REPLACES), batch->replaces);
}

enum frame_line frame_read_line(const char *line, size_t size, struct field *value)
{
    *value = (struct field){line, size};
    for (size_t i = 0; i < NAMES; i++) {
        size_t length = strlen(names[i].name);
        if (size >= length && !memcmp(line, names[i].name, length)) {
            *value = (struct field){line + length, size - length};
            return names[i].line;
        }
    }
    return FRAME_OTHER;
}

bool frame_names_all_columns(struct field value)
{
    return value.size == strlen(columns_names) && !memcmp(value.text, columns_names, value.size);
}

/* Reads a number of decimal digits at *S.  Returns false when there is none. */
static bool read_number(const char **s, const char *end, uint64_t *number)
{
    const char *begin = *s;
    uint64_t value = 0;
    for (; *s < end && ascii_is_digit(**s); ++*s)
        if (*s - begin < DIGITS_MAX)
            value = value * 10 + (uint64_t)(**s - '0');
    *number = value;
    return *s > begin && *s - begin <= DIGITS_MAX;
}

static bool skip_text(const char **s, const char *end, const char *text)
{
    size_t size = strlen(text);
    if ((size_t)(end - *s) < size || memcmp(*s, text, size))
        return false;
    *s += size;
    return true;
}

/* Reads one "NAME=N" of #End. */
static bool read_pair(const char **s, const char *end, struct frame_end *numbers)
{
    uint64_t other;
    if (skip_text(s, end, "bad="))
        return read_number(s, end, &numbers->bad);
    if (skip_text(s, end, "repeated="))
        return read_number(s, end, &numbers->repeated);
    if (skip_text(s, end, "quarantined=") || skip_text(s, end, "aside="))
        return read_number(s, end, &numbers->quarantined);
    const char *equals = memchr(*s, '=', (size_t)(end - *s));
    for (; equals && *s < equals; ++*s)
        if (**s < 'a' || **s > 'z')
            return false;
    return equals && skip_text(s, end, "=") && read_number(s, end, &other);
}

bool frame_read_end(struct field value, struct frame_end *end)
{
    const char *s = value.text, *limit = s + value.size;
    *end = (struct frame_end){0};
    if (!skip_text(&s, limit, "records=") || !read_number(&s, limit, &end->records))
        return false;
    while (s < limit)
        if (!skip_text(&s, limit, " ") || !read_pair(&s, limit, end))
            return false;
    return true;
}

/* Whether all words of a value, with one space between, are right. */
static bool has_words(struct field value, bool (*is_right)(const char *word, size_t size))
{
    const char *s = value.text, *end = s + value.size;
    for (;;) {
        const char *space = memchr(s, ' ', (size_t)(end - s));
        const char *stop = space ? space : end;
        if (!is_right(s, (size_t)(stop - s)))
            return false;
        if (!space)
            return true;
        s = space + 1;
    }
}

bool frame_has_ids(struct field value)
{
    return has_words(value, is_batch_id);
}

static bool is_file(const char *word, size_t size)
{
    size_t digits = 0;
    while (digits < size && ascii_is_digit(word[digits]))
        digits++;
    return digits >= PERIOD_MIN && digits <= PERIOD_MAX && digits < size && word[digits] == '=' &&
           is_batch_id(word + digits + 1, size - digits - 1);
}

bool frame_has_files(struct field value)
{
    return has_words(value, is_file);
}
