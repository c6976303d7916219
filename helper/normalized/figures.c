#include "normalized/figures.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NAME_LENGTH_MAX = 20 };

static const char *const names[FIGURES] = {
    [FIGURE_RECORDS] = "records", [FIGURE_COUNTED] = "counted",
    [FIGURE_EARLIER] = "earlier", [FIGURE_OLD] = "old",
    [FIGURE_HOST] = "host",       [FIGURE_METHOD] = "method",
    [FIGURE_FUTURE] = "future",   [FIGURE_LATE] = "late",
    [FIGURE_LISTS] = "lists",     [FIGURE_UNREADABLE] = "unreadable",
};

static const char *const names_names[FIGURE_NAMES] = {
    [FIGURE_NAMES_HOSTS] = "hosts",
    [FIGURE_NAMES_METHODS] = "methods",
};

const char *figure_name(enum figure figure)
{
    return names[figure];
}

const char *figure_names_name(enum figure_names which)
{
    return names_names[which];
}

uint64_t figures_left_out(const struct figures *figures)
{
    uint64_t sum = 0;
    for (unsigned i = FIGURE_FIRST_LEFT_OUT; i < FIGURES; i++)
        if (__builtin_add_overflow(sum, figures->number[i], &sum))
            return UINT64_MAX;
    return sum;
}

bool figures_are_none_counted(const struct figures *figures)
{
    const uint64_t *number = figures->number;
    return !number[FIGURE_COUNTED] && !number[FIGURE_EARLIER] && !number[FIGURE_OLD] &&
           !number[FIGURE_LISTS] && figures_left_out(figures);
}

bool figures_clock_is_behind(const struct figures *figures)
{
    const uint64_t *number = figures->number;
    uint64_t half = number[FIGURE_RECORDS] / 2 + number[FIGURE_RECORDS] % 2;
    return number[FIGURE_FUTURE] &&
           (figures->later >= half || figures_clock_is_behind_in_part(figures));
}

bool figures_clock_is_behind_in_part(const struct figures *figures)
{
    uint64_t future = figures->number[FIGURE_FUTURE];
    return future >= 2 && figures->later >= future && figures->later - future >= 2;
}

/* DIGITS
 * Returns false for anything else, and for a number that 64 bits do not hold. */
static bool read_number(struct field value, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < value.size; i++) {
        if (value.text[i] < '0' || value.text[i] > '9' ||
            __builtin_mul_overflow(*number, (uint64_t)10, number) ||
            __builtin_add_overflow(*number, (uint64_t)(value.text[i] - '0'), number))
            return false;
    }
    return value.size > 0;
}

static struct field skip(struct field field, size_t size)
{
    return (struct field){field.text + size, field.size - size};
}

/* Returns the bytes before the first STOP, all when there is none. */
static struct field before(struct field field, char stop)
{
    const char *at = memchr(field.text, stop, field.size);
    return (struct field){field.text, at ? (size_t)(at - field.text) : field.size};
}

static bool is_text(struct field field, const char *text)
{
    return field.size == strlen(text) && !memcmp(field.text, text, field.size);
}

bool figures_next_name(struct field *list, struct field *name, uint64_t *records)
{
    if (!list->size)
        return false;
    struct field pair = before(*list, ',');
    *name = before(pair, ':');
    for (size_t i = 0; i < name->size; i++)
        if (name->text[i] <= ' ' || name->text[i] > '~')
            return false;
    if (!name->size || name->size == pair.size)
        return false;
    if (!read_number(skip(pair, name->size + 1), records))
        return false;
    *list = skip(*list, pair.size < list->size ? pair.size + 1 : pair.size);
    return true;
}

static bool are_names(struct field list)
{
    struct field name;
    uint64_t records;
    if (!list.size || list.text[list.size - 1] == ',')
        return false;
    while (figures_next_name(&list, &name, &records))
        continue;
    return !list.size;
}

/* Reads one NAME=VALUE. */
static bool read_pair(struct figures *figures, struct field pair)
{
    struct field name = before(pair, '=');
    if (!name.size || name.size > NAME_LENGTH_MAX || name.size == pair.size)
        return false;
    struct field value = skip(pair, name.size + 1);
    for (unsigned i = 0; i < FIGURE_NAMES; i++) {
        if (is_text(name, names_names[i])) {
            figures->names[i] = value;
            return are_names(value);
        }
    }
    uint64_t number;
    if (!read_number(value, &number))
        return false;
    for (unsigned i = 0; i < FIGURES; i++)
        if (is_text(name, names[i]))
            figures->number[i] = number;
    if (is_text(name, "clock"))
        figures->clock = number;
    if (is_text(name, "later"))
        figures->later = number;
    if (is_text(name, "newest"))
        figures->newest = number;
    for (size_t i = 0; i < name.size; i++)
        if (name.text[i] < 'a' || name.text[i] > 'z')
            return false;
    return true;
}

bool figures_read(struct figures *figures, const char *text)
{
    struct field rest = {text, strlen(text)};
    *figures = (struct figures){0};
    for (;;) {
        struct field pair = before(rest, ' ');
        if (!read_pair(figures, pair))
            return false;
        if (pair.size == rest.size)
            return true;
        rest = skip(rest, pair.size + 1);
    }
}

static void add(uint64_t *sum, uint64_t more)
{
    if (__builtin_add_overflow(*sum, more, sum))
        *sum = UINT64_MAX;
}

void figures_add(struct figures *sum, const struct figures *more)
{
    for (unsigned i = 0; i < FIGURES; i++)
        add(&sum->number[i], more->number[i]);
    add(&sum->later, more->later);
    if (more->clock > sum->clock)
        sum->clock = more->clock;
    if (more->newest > sum->newest)
        sum->newest = more->newest;
}

void figures_put(char out[FIGURES_TEXT_SIZE], const struct figures *figures)
{
    size_t size = 0;
    for (unsigned i = 0; i < FIGURES; i++)
        size += (size_t)snprintf(out + size, FIGURES_TEXT_SIZE - size, "%s%s=%" PRIu64,
                                 i ? " " : "", names[i], figures->number[i]);
}
