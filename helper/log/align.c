#include "log/align.h"

#include <stdint.h>
#include <string.h>

#include "log/client.h"
#include "log/shape.h"
#include "normalized/ascii.h"

/* How unlikely something is. */
enum {
    JOINED_CONTINUED = 0, /* a part that looks like the rest of a value is one */
    JOINED_USUAL = 1,     /* a part has the marks of the column's values */
    JOINED_IN_QUERY = 2,  /* any part of a query, where delimiters are frequent */
    JOINED = 3,           /* any other part */
    JOINED_OTHER = 5,     /* a part has the marks of another column's values */
    JOINED_ABSENT = 6,    /* "-" is a part of a value */
    NO_ADDRESS = 6,       /* x-forwarded-for has another text than addresses */
    JOINED_EMPTY = 4,     /* a value has two delimiters together, or one at an end */
    BEGUN_CONTINUED = 5,  /* a part that looks like the rest of a value begins one */
    BEGUN_OTHER = 4,      /* a part has the marks of another column's values */
    BEGUN_WORD = 1,       /* a user agent begins with any letter */
    BEGUN = 3,            /* a part does not begin as the column's values do */
    BEGUN_EMPTY = 5,      /* a value has no bytes, where CloudFront writes "-" */
    CLEARLY = 2,          /* how much more likely the way that is taken must be */
    IMPOSSIBLE = UINT16_MAX
};

/* The likeliest way to make some columns of some parts. */
struct way {
    uint16_t cost, second; /* of this way, and of the likeliest other one */
    uint8_t extra;         /* parts of the last column after its first one */
};

_Static_assert((int)ALIGN_LEAST_MAX >= (int)JOINED_ABSENT, "the least cost of a part has a count");
_Static_assert(ALIGN_EXTRA_MAX < 64, "a number of extra parts has a bit");

struct aligning {
    const struct fields *fields;
    const struct header *header;
    size_t columns, extra;
    uint8_t column[HEADER_FIELDS_MAX]; /* of each field: an enum column */
    /* Of a free column: what joining each part costs, from its first possible part on. */
    unsigned join_cost[ALIGN_EXTRA_MAX + 1];
    struct way way[HEADER_FIELDS_MAX + 1][ALIGN_EXTRA_MAX + 1];
};

static bool has(struct field part, const char *text)
{
    return memmem(part.text, part.size, text, strlen(text)) != NULL;
}

static bool is_continued(struct field part)
{
    return part.size >= 3 && !memcmp(part.text, "%20", 3);
}

/* Whether a part begins with a word and MARK behind it, as in "https" and "://". */
static bool has_scheme(struct field part, const char *mark)
{
    const char *found = memmem(part.text, part.size, mark, strlen(mark));
    if (!found || found == part.text || !ascii_is_letter(*part.text))
        return false;
    for (const char *s = part.text; s < found; s++)
        if (!ascii_is_letter_or_digit(*s) && *s != '+' && *s != '-' && *s != '.')
            return false;
    return true;
}

/* https://, and so on, as a referring page begins.  User agents and queries may have it behind other text. */
static bool is_page(struct field part)
{
    return has_scheme(part, "://") || has_scheme(part, "%3A//") || has_scheme(part, "%3A%2F%2F");
}

/* a=1, as queries and cookies have it. */
static bool is_pair(struct field part)
{
    return has(part, "=") && !has(part, "%20");
}

/* Whether a part has the marks of a user agent: spaces, brackets, or the version of a program, as in curl/8. */
static bool is_of_agent(struct field part)
{
    const char *slash = memchr(part.text, '/', part.size);
    bool has_version =
        slash && slash > part.text && slash + 1 < part.text + part.size && ascii_is_digit(slash[1]);
    return has_version || has(part, "%20") || has(part, "(") || has(part, ")");
}

/* Whether a part looks like the start of a user agent, and hardly like the rest of one. */
static bool begins_agent(struct field part)
{
    return part.size >= 8 && !memcmp(part.text, "Mozilla/", 8);
}

static unsigned begin_cost(enum column column, struct field part)
{
    if (field_is_absent(part))
        return part.size ? 0 : BEGUN_EMPTY;
    if (is_continued(part))
        return BEGUN_CONTINUED;
    switch (column) {
    case COLUMN_REFERER:
        return is_page(part) ? 0 : BEGUN_OTHER;
    case COLUMN_AGENT:
        if (is_pair(part) || is_page(part))
            return BEGUN_OTHER;
        return is_of_agent(part) ? 0 : ascii_is_letter(*part.text) ? BEGUN_WORD : BEGUN;
    case COLUMN_QUERY:
        return begins_agent(part) || is_page(part) ? BEGUN_OTHER : is_pair(part) ? 0 : BEGUN;
    case INPUT_FORWARDED_FOR:
        return client_is_list(part) ? 0 : NO_ADDRESS;
    default:
        return 0;
    }
}

/* An address behind a delimiter may be in x-forwarded-for, and also in a list of addresses in a path or a query,
 * but hardly elsewhere. */
static unsigned join_address_cost(enum column column)
{
    switch (column) {
    case INPUT_FORWARDED_FOR:
        return JOINED_CONTINUED;
    case COLUMN_STEM:
    case COLUMN_QUERY:
        return JOINED_USUAL;
    case COLUMN_AGENT:
        return JOINED_OTHER;
    default:
        return JOINED;
    }
}

static unsigned join_cost(enum column column, struct field part)
{
    if (is_continued(part))
        return JOINED_CONTINUED;
    if (field_is_absent(part))
        return part.size ? JOINED_ABSENT : JOINED_EMPTY;
    if (client_is_list(part))
        return join_address_cost(column);
    if (begins_agent(part) || is_page(part))
        return JOINED_OTHER;
    switch (column) {
    case COLUMN_AGENT:
        return is_pair(part) ? JOINED_OTHER : is_of_agent(part) ? JOINED_USUAL : JOINED;
    case COLUMN_QUERY:
        return JOINED_IN_QUERY;
    case INPUT_FORWARDED_FOR:
        return NO_ADDRESS;
    default:
        return JOINED;
    }
}

/* A part with a space before it may lose this space, and a part without bytes is none where spaces stand for a TAB. */
void align_add_part(struct align_parts *parts, struct field part)
{
    unsigned least = JOINED_IN_QUERY;
    if (!part.size || *part.text == ' ' || is_continued(part) || client_is_list(part))
        least = JOINED_CONTINUED;
    else if (field_is_absent(part))
        least = JOINED_ABSENT;
    else if (begins_agent(part) || is_page(part))
        least = JOINED_OTHER;
    else if (is_of_agent(part))
        least = JOINED_USUAL;
    parts->of_cost[least]++;
    parts->count++;
}

unsigned align_least_doubt(const struct align_parts *parts, size_t joined)
{
    size_t doubt = 0;
    for (size_t cost = 0; joined && cost <= ALIGN_LEAST_MAX; cost++) {
        size_t count = joined < parts->of_cost[cost] ? joined : parts->of_cost[cost];
        doubt += count * cost;
        joined -= count;
    }
    return (unsigned)doubt;
}

static bool has_bit(uint64_t bits, size_t i)
{
    return i < 64 && bits >> i & 1;
}

/* Whether a part may be the whole value of a column. */
static bool fits(const struct aligning *aligning, size_t column, struct field part)
{
    bool is_number = has_bit(aligning->header->numbers, column);
    return shape_fits(is_number ? COLUMN_CONTENT_LENGTH : (enum column)aligning->column[column],
                      part);
}

static bool is_free(const struct aligning *aligning, size_t column)
{
    return !has_bit(aligning->header->closed, column) &&
           shape_is_free((enum column)aligning->column[column]);
}

static void add_cost(struct way *way, unsigned cost, size_t extra)
{
    if (cost < way->cost)
        *way = (struct way){(uint16_t)cost, way->cost, (uint8_t)extra};
    else if (cost < way->second)
        way->second = (uint16_t)cost;
}

/* Takes the ways to make a column, at a COST, of its first part and EXTRA parts after it, behind the ways
 * BEFORE. */
static void add_ways(struct way *way, const struct way *before, unsigned cost, size_t extra)
{
    add_cost(way, before->cost + cost, extra);
    if (before->second != IMPOSSIBLE)
        add_cost(way, before->second + cost, extra);
}

/* Goes on from the way that makes the columns before COLUMN of COLUMN + USED parts. */
static void go_on(struct aligning *aligning, size_t column, size_t used)
{
    const struct way *before = &aligning->way[column][used];
    const struct field *part = &aligning->fields->field[column + used];
    enum column kind = (enum column)aligning->column[column];
    if (before->cost == IMPOSSIBLE)
        return;
    unsigned cost = column ? begin_cost(kind, *part) : 0;
    if (fits(aligning, column, *part))
        add_ways(&aligning->way[column + 1][used], before, cost, 0);
    if (!is_free(aligning, column) || (kind == COLUMN_STEM && !shape_fits(kind, *part)))
        return;
    cost += field_is_absent(*part) && part->size ? JOINED_ABSENT : 0u;
    for (size_t extra = 1; used + extra <= aligning->extra; extra++) {
        cost += aligning->join_cost[used + extra];
        add_ways(&aligning->way[column + 1][used + extra], before, cost, extra);
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

/* Whether a column has numbers, times or addresses alone, which a visitor can write into his own texts, too. */
static bool is_strict(enum column column)
{
    switch (column) {
    case COLUMN_DATE:
    case COLUMN_TIME:
    case INPUT_TIMESTAMP:
    case INPUT_TIMESTAMP_MS:
    case COLUMN_CLIENT:
    case COLUMN_STATUS:
    case COLUMN_BYTES:
        return true;
    default:
        return false;
    }
}

/* Finds from which parts on the columns can be made of all parts that are left: bit J of ENDS[I] is for column I and J
 * parts that the columns before it have joined. */
static void find_ends(const struct aligning *aligning, uint64_t *ends)
{
    ends[aligning->columns] = UINT64_C(1) << aligning->extra;
    for (size_t i = aligning->columns; i-- > 0;) {
        enum column kind = (enum column)aligning->column[i];
        ends[i] = 0;
        for (size_t j = 0; j <= aligning->extra; j++) {
            bool is_fit = fits(aligning, i, aligning->fields->field[i + j]);
            bool is_joined = is_free(aligning, i) && (is_fit || kind != COLUMN_STEM);
            uint64_t next = ends[i + 1] >> j;
            if ((is_fit && next & 1) || (is_joined && next >> 1))
                ends[i] |= UINT64_C(1) << j;
        }
    }
}

/* Whether another way, however unlikely, gives a strict column another part.  A visitor may have written the text
 * that makes this way possible. */
static bool has_other_value(const struct aligning *aligning)
{
    uint64_t ends[HEADER_FIELDS_MAX + 1];
    bool has_ends = false;
    size_t used = aligning->extra; /* before column I, in the way that is taken */
    for (size_t i = aligning->columns; i-- > 0;) {
        enum column kind = (enum column)aligning->column[i];
        used -= aligning->way[i + 1][used].extra;
        for (size_t j = 0; is_strict(kind) && j <= aligning->extra; j++) {
            struct field part = aligning->fields->field[i + j];
            if (j == used || aligning->way[i][j].cost == IMPOSSIBLE || field_is_absent(part) ||
                !shape_fits(kind, part))
                continue;
            if (!has_ends)
                find_ends(aligning, ends);
            has_ends = true;
            if (ends[i + 1] >> j & 1)
                return true;
        }
    }
    return false;
}

bool align_fields(struct fields *fields, const struct header *header)
{
    struct aligning aligning; /* 50 KiB, of which few are used */
    if (fields->count < header->field_count ||
        fields->count - header->field_count > ALIGN_EXTRA_MAX)
        return false;
    aligning.fields = fields;
    aligning.header = header;
    aligning.columns = header->field_count;
    aligning.extra = fields->count - header->field_count;
    memset(aligning.column, COLUMN_NONE, sizeof aligning.column);
    for (int i = 0; i < INPUT_COUNT; i++)
        if (header->position[i] >= 0 && (size_t)header->position[i] < aligning.columns)
            aligning.column[header->position[i]] = (uint8_t)i;
    for (size_t i = 0; i <= aligning.columns; i++)
        for (size_t j = 0; j <= aligning.extra; j++)
            aligning.way[i][j] = (struct way){.cost = IMPOSSIBLE, .second = IMPOSSIBLE};
    aligning.way[0][0] = (struct way){.second = IMPOSSIBLE};
    for (size_t i = 0; i < aligning.columns; i++) {
        for (size_t j = 1; j <= aligning.extra && is_free(&aligning, i); j++)
            aligning.join_cost[j] =
                join_cost((enum column)aligning.column[i], fields->field[i + j]);
        for (size_t j = 0; j <= aligning.extra; j++)
            go_on(&aligning, i, j);
    }
    const struct way *whole = &aligning.way[aligning.columns][aligning.extra];
    fields->doubt = whole->cost;
    fields->is_unclear =
        whole->cost != IMPOSSIBLE &&
        (whole->second < whole->cost + CLEARLY || (aligning.extra && has_other_value(&aligning)));
    if (whole->cost == IMPOSSIBLE || fields->is_unclear)
        return false;
    join(fields, &aligning);
    fields->is_joined = aligning.extra > 0;
    return true;
}
