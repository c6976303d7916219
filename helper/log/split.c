#include "log/split.h"

#include <string.h>

#include "normalized/tabs.h"

static void add(struct fields *fields, const char *text, const char *end)
{
    fields->field[fields->count].text = text;
    fields->field[fields->count++].size = (size_t)(end - text);
}

/* Returns the text without spaces around it. */
static inline struct field trim(const char *text, const char *end)
{
    while (text < end && *text == ' ')
        text++;
    while (text < end && end[-1] == ' ')
        end--;
    return (struct field){text, (size_t)(end - text)};
}

void fields_split_tab(struct fields *fields, const char *row, size_t size)
{
    const char *tab[FIELDS_MAX - 1 + TABS_STEP];
    size_t tabs = tabs_find(row, size, tab, FIELDS_MAX - 1);
    if (tabs > FIELDS_MAX - 1)
        tabs = FIELDS_MAX - 1;
    const char *begin = row;
    struct field *field = fields->field;
    for (size_t i = 0; i < tabs; i++) {
        *field++ = trim(begin, tab[i]);
        begin = tab[i] + 1;
    }
    *field = trim(begin, row + size);
    fields->count = tabs + 1;
}

void fields_split_space(struct fields *fields, const char *row, size_t size,
                        const struct header *header)
{
    const char *end = row + size, *space;
    fields->count = 0;
    while (end > row && end[-1] == ' ')
        end--;
    while (fields->count < FIELDS_MAX - 1 && (space = memchr(row, ' ', (size_t)(end - row)))) {
        add(fields, row, space);
        row = space + 1;
    }
    add(fields, row, end);

    int forwarded = header->position[INPUT_FORWARDED_FOR];
    if (fields->count <= header->field_count || forwarded < 0)
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
