#include "log/split.h"

#include <string.h>

#include "log/marks.h"

static void add(struct fields *fields, const char *text, const char *end)
{
    fields->field[fields->count].text = text;
    fields->field[fields->count++].size = (size_t)(end - text);
}

/* A row that is split up to a value. */
struct splitting {
    struct field *value, *last;
    const char *begin; /* of the value */
    bool are_plain;    /* the values, up to now */
};

/* Takes the marks of a step.  There is room for the values of a step after the last one that is taken. */
static inline bool take_marks(void *user, const char *text, uint64_t marks)
{
    struct splitting *splitting = user;
    for (; marks; marks &= marks - 1) {
        const char *mark = bytes_first(text, marks);
        if (*mark != '\t') {
            splitting->are_plain = false;
            continue;
        }
        *splitting->value++ = (struct field){splitting->begin, (size_t)(mark - splitting->begin)};
        splitting->begin = mark + 1;
    }
    return splitting->value <= splitting->last;
}

void fields_split_tab(struct fields *fields, const char *row, size_t size)
{
    struct splitting splitting = {fields->field, &fields->field[FIELDS_MAX - 1], row, true};
    bool is_whole = marks_visit(row, size, take_marks, &splitting);
    if (!is_whole) {
        splitting.value = splitting.last;
        splitting.begin = splitting.last->text;
    }
    fields->are_plain = is_whole && splitting.are_plain;
    *splitting.value = (struct field){splitting.begin, (size_t)(row + size - splitting.begin)};
    fields->count = (size_t)(splitting.value - fields->field) + 1;
    if (fields->are_plain)
        return;
    for (size_t i = 0; i < fields->count; i++)
        fields_trim(&fields->field[i]);
}

void fields_split_space(struct fields *fields, const char *row, size_t size,
                        const struct header *header)
{
    const char *end = row + size, *space;
    fields->count = 0;
    fields->are_plain = false;
    while (end > row && end[-1] == ' ')
        end--;
    while (fields->count < FIELDS_MAX - 1 && (space = memchr(row, ' ', (size_t)(end - row)))) {
        add(fields, row, space);
        row = space + 1;
    }
    add(fields, row, end);

    int forwarded = header ? header->position[INPUT_FORWARDED_FOR] : -1;
    if (forwarded < 0 || fields->count <= header->field_count)
        return;
    size_t first = (size_t)forwarded, extra = fields->count - header->field_count;
    struct field *field = fields->field, *last = &field[first + extra];
    field[first].size = (size_t)(last->text + last->size - field[first].text);
    memmove(&field[first + 1], last + 1, (header->field_count - first - 1) * sizeof *field);
    fields->count = header->field_count;
}

const char *fields_check(struct fields *fields, const struct header *header)
{
    while (fields->count > header->field_count && !fields->field[fields->count - 1].size)
        fields->count--;
    if (fields->count > header->field_count)
        return "the line has more fields than the #Fields header names";
    if (fields->count < header->required)
        return "the line has fewer fields than the #Fields header names";
    return NULL;
}
