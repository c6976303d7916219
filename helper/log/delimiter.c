#include "log/delimiter.h"

#include <string.h>

#include "log/align.h"
#include "log/client.h"
#include "log/misfit.h"
#include "log/shape.h"
#include "normalized/ascii.h"

/* How a delimiter is searched: its first place must be among the first bytes of a row. */
enum { SEARCHED_SIZE = 256, FOUND_SIZE_MAX = 8, ROW_MAX = 16 * 1024 };

const char delimiter_unclear[] =
    "the delimiter occurs inside values, so it is not clear where they end";

const char *delimiter_parse(struct delimiter *delimiter, const char *value)
{
    static const struct {
        const char *word, *text;
    } words[] = {{"tab", "\t"},  {"\\t", "\t"},      {"space", " "},
                 {"comma", ","}, {"semicolon", ";"}, {"pipe", "|"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(value, words[i].word))
            value = words[i].text;
    size_t size = strlen(value);
    if (!size || size > DELIMITER_SIZE_MAX || strpbrk(value, "\"\r\n"))
        return "must be tab, space, comma, semicolon, pipe, or 1 to 16 bytes without quotation "
               "marks";
    memcpy(delimiter->text, value, size);
    delimiter->size = size;
    return NULL;
}

void delimiter_of_names(struct delimiter *delimiter, const char *names, size_t size)
{
    const char *s = names, *end = names + size;
    delimiter->size = 0;
    while (s < end && !header_is_name_byte(*s))
        s++;
    while (s < end && header_is_name_byte(*s))
        s++;
    const char *begin = s;
    while (s < end && !header_is_name_byte(*s))
        s++;
    bool is_blank = true;
    for (const char *byte = begin; byte < s; byte++)
        is_blank &= *byte == ' ' || *byte == '\t' || (unsigned char)*byte >= 127; /* U+200B */
    if (s == end || is_blank || s - begin > DELIMITER_SIZE_MAX)
        return;
    memcpy(delimiter->text, begin, (size_t)(s - begin));
    delimiter->size = (size_t)(s - begin);
}

static const char *find_text(const struct delimiter *delimiter, const char *s, const char *end)
{
    size_t size = (size_t)(end - s);
    return delimiter->size == 1 ? memchr(s, *delimiter->text, size)
                                : memmem(s, size, delimiter->text, delimiter->size);
}

/* Whether a value ends at S: with the row, or at a delimiter. */
static bool is_end(const struct delimiter *delimiter, const char *s, const char *end)
{
    return s == end ||
           ((size_t)(end - s) >= delimiter->size && !memcmp(s, delimiter->text, delimiter->size));
}

/* Reads a value in quotation marks; the first one is at S.  Returns the place after the last one; NULL
 * when there is none before a delimiter or the end. */
static const char *read_quoted(const struct delimiter *delimiter, const char *s, const char *end,
                               char **scratch, struct field *value)
{
    char *text = *scratch, *out = text;
    const char *begin = s + 1;
    for (s++; s < end; s++) {
        bool is_mark = *s == '"', is_pair = s + 1 < end && s[1] == '"';
        if (is_mark && is_end(delimiter, s + 1, end)) {
            bool is_copied = out - text != s - begin;
            *value = is_copied ? (struct field){text, (size_t)(out - text)}
                               : (struct field){begin, (size_t)(s - begin)};
            *scratch = is_copied ? out : text;
            return s + 1;
        }
        if (is_pair && (is_mark || *s == '\\'))
            s++;
        *out++ = *s;
    }
    return NULL;
}

static struct field trim(const char *s, const char *end)
{
    while (s < end && *s == ' ')
        s++;
    while (s < end && end[-1] == ' ')
        end--;
    return (struct field){s, (size_t)(end - s)};
}

/* Splits a row at every delimiter that is not in quotation marks.  Returns whether there are values in
 * quotation marks. */
static bool split(const struct delimiter *delimiter, struct fields *fields, const char *row,
                  size_t size, char *scratch)
{
    const char *s = row, *end = row + size;
    bool has_quoted = false;
    for (fields->count = 0; fields->count < FIELDS_MAX; fields->count++) {
        struct field *field = &fields->field[fields->count];
        const char *after =
            s < end && *s == '"' ? read_quoted(delimiter, s, end, &scratch, field) : NULL;
        has_quoted |= after != NULL;
        if (!after) {
            const char *found =
                fields->count < FIELDS_MAX - 1 ? find_text(delimiter, s, end) : NULL;
            after = found ? found : end;
            *field = delimiter_is(delimiter, ' ') ? (struct field){s, (size_t)(after - s)}
                                                  : trim(s, after);
        }
        if (after == end) {
            fields->count++;
            break;
        }
        s = after + delimiter->size;
    }
    return has_quoted;
}

bool delimiter_fits(const struct fields *fields, const struct header *header)
{
    for (int i = 0; i < INPUT_COUNT; i++)
        if (header->position[i] >= 0 && header->position[i] < (int)fields->count &&
            !shape_fits((enum column)i, fields->field[header->position[i]]))
            return false;
    for (uint64_t numbers = header->numbers; numbers; numbers &= numbers - 1) {
        size_t i = (size_t)__builtin_ctzll(numbers);
        if (i < fields->count && !shape_fits(COLUMN_CONTENT_LENGTH, fields->field[i]))
            return false;
    }
    return fields->count >= header->required;
}

/* Splits a row in which one or more spaces stand for each TAB, as in a copy from a terminal or a page: more than
 * one are between date and time.  Returns false for any other row, and for a row with an empty value. */
static bool split_runs(struct fields *fields, const char *row, size_t size,
                       const struct header *header)
{
    size_t count = 0;
    const char *first = memchr(row, ' ', size);
    if (!first || first + 1 == row + size || first[1] != ' ')
        return false;
    fields_split_space(fields, row, size, NULL);
    for (size_t i = 0; i < fields->count; i++)
        if (fields->field[i].size)
            fields->field[count++] = fields->field[i];
    fields->count = count;
    return count == header->field_count && delimiter_fits(fields, header);
}

/* Whether a value is a list of addresses in which each space is behind a comma. */
static bool is_address_list(struct field value)
{
    for (size_t i = 1; i < value.size; i++)
        if (value.text[i] == ' ' && value.text[i - 1] != ',' && value.text[i - 1] != ' ')
            return false;
    return client_is_list(value);
}

/* Splits a row at spaces.  Where the values were not encoded, as in the format raw, any may have spaces. */
static bool split_space(struct fields *fields, const char *row, size_t size,
                        const struct header *header)
{
    if (split_runs(fields, row, size, header))
        return true;
    fields_split_space(fields, row, size, NULL);
    if (fields->count <= header->field_count)
        return true;
    fields_split_space(fields, row, size, header);
    if (fields->count == header->field_count && delimiter_fits(fields, header) &&
        is_address_list(fields_get(fields, header, INPUT_FORWARDED_FOR))) {
        fields->is_joined = true;
        return true;
    }
    fields_split_space(fields, row, size, NULL);
    return align_fields(fields, header);
}

const char *delimiter_split(const struct delimiter *delimiter, struct fields *fields,
                            const char *row, size_t size, const struct header *header,
                            char *scratch)
{
    bool is_tab = delimiter_is(delimiter, '\t'), is_space = delimiter_is(delimiter, ' ');
    fields->doubt = 0;
    fields->are_plain = fields->is_unclear = fields->is_joined = false;
    bool is_usual = is_tab || is_space;
    bool has_quoted =
        (!is_usual || memchr(row, '"', size)) && split(delimiter, fields, row, size, scratch);
    if (!has_quoted && is_tab)
        fields_split_tab(fields, row, size);
    else if (!has_quoted && is_space && !split_space(fields, row, size, header))
        return delimiter_unclear;
    const char *error = fields_check(fields, header);
    if (has_quoted || is_usual)
        return error;
    if (fields->count <= header->field_count)
        return error ? error : misfit_error(fields, header);
    return align_fields(fields, header) ? fields_check(fields, header) : delimiter_unclear;
}

static bool can_delimit(char byte)
{
    return !(ascii_is_letter_or_digit(byte) || byte == '%' || byte == '"' ||
             (unsigned char)byte >= 127);
}

static size_t count_text(const struct delimiter *delimiter, const char *row, size_t size)
{
    size_t count = 0;
    const char *end = row + size;
    while ((row = find_text(delimiter, row, end))) {
        count++;
        row += delimiter->size;
    }
    return count;
}

/* How well a text divides a row.  A row may have fewer values than the header names.  FIELDS->is_unclear tells why
 * a text does not divide the row. */
enum division { DIVIDES_NOT, DIVIDES_SHORT, DIVIDES_ALIGNED, DIVIDES_EXACTLY };

static enum division divide(const struct delimiter *delimiter, const char *row, size_t size,
                            const struct header *header, struct fields *fields, char *scratch)
{
    size_t count = count_text(delimiter, row, size) + 1;
    fields->is_unclear = false;
    if (count < 2 || count < header->required ||
        delimiter_split(delimiter, fields, row, size, header, scratch) ||
        !delimiter_fits(fields, header))
        return DIVIDES_NOT;
    return count == header->field_count  ? DIVIDES_EXACTLY
           : count > header->field_count ? DIVIDES_ALIGNED
                                         : DIVIDES_SHORT;
}

/* The delimiters that were tried for a row. */
struct search {
    enum division division; /* of the best one */
    bool is_unclear;        /* another one is as good */
    struct delimiter best;
};

static bool has_text(const struct delimiter *delimiter, const struct delimiter *in)
{
    return memmem(in->text, in->size, delimiter->text, delimiter->size) != NULL;
}

static void take_candidate(struct search *search, const struct delimiter *candidate,
                           enum division division)
{
    if (division < search->division || division == DIVIDES_NOT)
        return;
    if (division == search->division) {
        if (has_text(candidate, &search->best))
            return; /* split() trims the other bytes around the values */
        search->is_unclear |= !has_text(&search->best, candidate);
    } else {
        search->is_unclear = false;
    }
    search->division = division;
    search->best = *candidate;
}

/* Whether the candidate is also at an earlier place in the row, where it was tried. */
static bool was_tried(const struct delimiter *candidate, const char *row, const char *s)
{
    const char *found = find_text(candidate, row, s + candidate->size);
    return found && found < s;
}

bool delimiter_find(struct delimiter *delimiter, const struct delimiter *hint, const char *row,
                    size_t size, const struct header *header, struct fields *fields, char *scratch)
{
    static const struct delimiter usual[] = {{"\t", 1}, {" ", 1}};
    struct search search = {.division = DIVIDES_NOT};
    if (size > ROW_MAX)
        return false;
    *delimiter = *hint;
    if (hint->size && (divide(hint, row, size, header, fields, scratch) || fields->is_unclear))
        return true;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (divide(&usual[i], row, size, header, fields, scratch)) {
            *delimiter = usual[i];
            return true;
        }
    for (const char *s = row; s < row + size && s < row + SEARCHED_SIZE; s++)
        for (size_t length = 1;
             length <= FOUND_SIZE_MAX && s + length <= row + size && can_delimit(s[length - 1]);
             length++) {
            struct delimiter candidate = {.size = length};
            memcpy(candidate.text, s, length);
            if (!was_tried(&candidate, row, s))
                take_candidate(&search, &candidate,
                               divide(&candidate, row, size, header, fields, scratch));
        }
    *delimiter = search.best;
    return search.division != DIVIDES_NOT && !search.is_unclear;
}
