#include "log/align.h"

#include <stdint.h>
#include <string.h>

#include "log/shape.h"

/* How unlikely something is. */
enum {
    JOINED_CONTINUED = 0, /* a part that looks like the rest of a value is one */
    JOINED_IN_AGENT = 2,  /* any part of a user agent, where delimiters are frequent */
    JOINED = 3,           /* any other part */
    JOINED_ABSENT = 6,    /* "-" is a part of a value */
    BEGUN_CONTINUED = 5,  /* a part that looks like the rest of a value begins one */
    IMPOSSIBLE = UINT16_MAX
};

/* The likeliest way to make some columns of some parts. */
struct way {
    uint16_t cost;
    uint8_t ways;  /* of this cost, at most 2 */
    uint8_t extra; /* parts of the last column after its first one */
};

struct aligning {
    const struct fields *fields;
    size_t columns, extra;
    uint8_t column[HEADER_FIELDS_MAX]; /* of each field: an enum column */
    struct way way[HEADER_FIELDS_MAX + 1][ALIGN_EXTRA_MAX + 1];
};

static bool is_continued(struct field part)
{
    return part.size >= 3 && !memcmp(part.text, "%20", 3);
}

static unsigned join_cost(enum column column, struct field part)
{
    if (is_continued(part) || (column == INPUT_FORWARDED_FOR && shape_is_address(part)))
        return JOINED_CONTINUED;
    if (field_is_absent(part))
        return JOINED_ABSENT;
    return column == COLUMN_AGENT ? JOINED_IN_AGENT : JOINED;
}

/* Takes a way to make column COLUMN of the parts from FIRST on, EXTRA of them after its first one. */
static void add_way(struct way *way, unsigned cost, uint8_t ways, size_t extra)
{
    if (cost > way->cost)
        return;
    if (cost < way->cost)
        *way = (struct way){(uint16_t)cost, ways, (uint8_t)extra};
    else
        way->ways = 2;
}

/* Goes on from the way that makes the columns before COLUMN of COLUMN + USED parts. */
static void go_on(struct aligning *aligning, size_t column, size_t used)
{
    const struct way *before = &aligning->way[column][used];
    const struct field *part = &aligning->fields->field[column + used];
    enum column kind = (enum column)aligning->column[column];
    if (before->cost == IMPOSSIBLE)
        return;
    unsigned cost = before->cost + (column && is_continued(*part) ? BEGUN_CONTINUED : 0u);
    if (shape_fits(kind, *part))
        add_way(&aligning->way[column + 1][used], cost, before->ways, 0);
    if (!shape_is_free(kind) || (kind == COLUMN_STEM && !shape_fits(kind, *part)))
        return;
    cost += field_is_absent(*part) ? JOINED_ABSENT : 0u;
    for (size_t extra = 1; used + extra <= aligning->extra; extra++) {
        cost += join_cost(kind, part[extra]);
        add_way(&aligning->way[column + 1][used + extra], cost, before->ways, extra);
    }
}

/* Joins the parts by the way that was found. */
static void join(struct fields *fields, const struct aligning *aligning)
{
    size_t used = aligning->extra;
    for (size_t column = aligning->columns; column-- > 0;) {
        size_t extra = aligning->way[column + 1][used].extra;
        used -= extra;
        const struct field *first = &fields->field[column + used], *last = first + extra;
        struct field value = {first->text, (size_t)(last->text + last->size - first->text)};
        fields->field[column + aligning->extra] = value;
    }
    memmove(fields->field, fields->field + aligning->extra,
            aligning->columns * sizeof *fields->field);
    fields->count = aligning->columns;
}

bool align_fields(struct fields *fields, const struct header *header)
{
    struct aligning aligning = {.fields = fields, .columns = header->field_count};
    if (fields->count < header->field_count ||
        fields->count - header->field_count > ALIGN_EXTRA_MAX)
        return false;
    aligning.extra = fields->count - header->field_count;
    memset(aligning.column, COLUMN_NONE, sizeof aligning.column);
    for (int i = 0; i < INPUT_COUNT; i++)
        if (header->position[i] >= 0)
            aligning.column[header->position[i]] = (uint8_t)i;
    for (size_t i = 0; i <= aligning.columns; i++)
        for (size_t j = 0; j <= aligning.extra; j++)
            aligning.way[i][j] = (struct way){.cost = IMPOSSIBLE};
    aligning.way[0][0] = (struct way){.ways = 1};
    for (size_t i = 0; i < aligning.columns; i++)
        for (size_t j = 0; j <= aligning.extra; j++)
            go_on(&aligning, i, j);
    const struct way *whole = &aligning.way[aligning.columns][aligning.extra];
    if (whole->cost == IMPOSSIBLE || whole->ways != 1)
        return false;
    join(fields, &aligning);
    fields->doubt = whole->cost;
    return true;
}
