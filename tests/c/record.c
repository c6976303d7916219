/* normalized/record: every line is split as a plain splitter splits it, or left to AWStats. */
#include <stdlib.h>
#include <time.h>

#include "normalized/record.h"
#include "tap.h"

enum { LINE_ROOM = 2048, MUTATIONS = 150000 };

struct text {
    char bytes[LINE_ROOM];
    size_t size;
};

/* ---- the plain splitter ---- */

struct expected {
    bool good;
    const char *column[COLUMN_COUNT];
    size_t size[COLUMN_COUNT];
    struct tm time;
    unsigned long long status, bytes;
};

static bool is_number(const char *text, size_t size, unsigned long long *value)
{
    char copy[32] = "";
    if (size == 0 || size >= sizeof copy)
        return false;
    memcpy(copy, text, size);
    *value = strtoull(copy, NULL, 10);
    return strspn(copy, "0123456789") == size;
}

/* Whether a time exists: the C library changes one that does not. */
static bool time_exists(const struct tm *want)
{
    struct tm tm = *want;
    return timegm(&tm) != (time_t)-1 && tm.tm_year == want->tm_year && tm.tm_mon == want->tm_mon &&
           tm.tm_mday == want->tm_mday && tm.tm_hour == want->tm_hour &&
           tm.tm_min == want->tm_min && tm.tm_sec == want->tm_sec;
}

/* Returns the number of SIZE digits at a place in a column.  Sets GOOD to false for any other text. */
static int part(const struct expected *e, int column, size_t at, size_t size, bool *good)
{
    unsigned long long value = 0;
    if (!is_number(e->column[column] + at, size, &value))
        *good = false;
    return (int)value;
}

static bool expect_time(struct expected *e)
{
    const char *date = e->column[COLUMN_DATE], *time = e->column[COLUMN_TIME];
    if (e->size[COLUMN_DATE] != 10 || date[4] != '-' || date[7] != '-' || date[0] == '0' ||
        e->size[COLUMN_TIME] != 8 || time[2] != ':' || time[5] != ':')
        return false;
    bool good = true;
    struct tm tm = {
        .tm_year = part(e, COLUMN_DATE, 0, 4, &good) - 1900,
        .tm_mon = part(e, COLUMN_DATE, 5, 2, &good) - 1,
        .tm_mday = part(e, COLUMN_DATE, 8, 2, &good),
        .tm_hour = part(e, COLUMN_TIME, 0, 2, &good),
        .tm_min = part(e, COLUMN_TIME, 3, 2, &good),
        .tm_sec = part(e, COLUMN_TIME, 6, 2, &good),
    };
    e->time = tm;
    return good && time_exists(&tm);
}

static struct expected expect(const char *line, size_t size)
{
    struct expected e = {0};
    if (size == 0 || line[size - 1] != '\n')
        return e;
    size_t columns = 0, start = 0;
    for (size_t i = 0; i < size; i++) {
        if (i < size - 1 && line[i] != '\t')
            continue;
        if (columns == COLUMN_COUNT || i == start)
            return e;
        e.column[columns] = line + start;
        e.size[columns++] = i - start;
        start = i + 1;
    }
    e.good = columns == COLUMN_COUNT && line[size - 2] != '\r' && e.size[COLUMN_STATUS] == 3 &&
             is_number(e.column[COLUMN_STATUS], 3, &e.status) && e.size[COLUMN_BYTES] <= 15 &&
             is_number(e.column[COLUMN_BYTES], e.size[COLUMN_BYTES], &e.bytes) && expect_time(&e);
    return e;
}

/* ---- comparing ---- */

/* Splits a copy of the line in memory of just its size.  Returns whether both splitters agree, and stores in *GOOD
 * whether they accept the line. */
static bool agrees(const char *bytes, size_t size, bool *good)
{
    char *line = malloc(size ? size : 1);
    memcpy(line, bytes, size);
    struct expected want = expect(line, size);
    struct record got = {0};
    *good = record_split(&got, line, size);
    bool same = *good == want.good;
    if (same && *good) {
        same = (int)got.date.year == want.time.tm_year + 1900 &&
               (int)got.date.month == want.time.tm_mon + 1 &&
               (int)got.date.day == want.time.tm_mday && (int)got.time.hour == want.time.tm_hour &&
               (int)got.time.minute == want.time.tm_min &&
               (int)got.time.second == want.time.tm_sec && got.status == want.status &&
               got.bytes == want.bytes && got.line == line && got.size == size;
        for (int i = 0; i < COLUMN_COUNT; i++)
            same = same && record_field(&got, (enum column)i).text == want.column[i] &&
                   record_field(&got, (enum column)i).size == want.size[i];
    }
    free(line);
    return same;
}

static void is_split(bool expected, const char *line, const char *name)
{
    bool good;
    bool same = agrees(line, strlen(line), &good);
    ok(same && good == expected, "%s", name);
}

/* ---- records ---- */

static const char *const usual[COLUMN_COUNT] = {
    "2026-10-31",
    "23:59:59",
    "DFW57-P3",
    "1045",
    "192.0.2.10",
    "GET",
    "d111111abcdef8.cloudfront.net",
    "/images/a%20b.png",
    "200",
    "https://www.example.com/",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
    "id=5",
    "Hit",
    "https",
    "HTTP/2.0",
    "TLSv1.3",
    "image/png",
    "0.001",
    "0.001",
    [COLUMN_TIME_TO_FIRST_BYTE + 1 ... COLUMN_COUNT - 1] = "-",
};

static void append(struct text *line, const char *text, size_t size)
{
    if (line->size + size < LINE_ROOM)
        memcpy(line->bytes + line->size, text, size);
    line->size += size;
}

/* The line of some columns. */
static struct text line_of(const char *const *column, int columns)
{
    struct text line = {.size = 0};
    for (int i = 0; i < columns; i++) {
        if (i)
            append(&line, "\t", 1);
        append(&line, column[i], strlen(column[i]));
    }
    append(&line, "\n", 1);
    append(&line, "", 1);
    line.size--;
    return line;
}

/* The usual record with another value in a column. */
static void with(bool expected, int column, const char *value)
{
    const char *columns[COLUMN_COUNT];
    memcpy(columns, usual, sizeof columns);
    columns[column] = value;
    is_split(expected, line_of(columns, COLUMN_COUNT).bytes, value);
}

static void test_columns(void)
{
    const char *columns[COLUMN_COUNT + 1];
    memcpy(columns, usual, sizeof usual);
    columns[COLUMN_COUNT] = "-";
    struct text line = line_of(columns, COLUMN_COUNT);
    is_split(true, line.bytes, "a usual record");
    is_split(false, line_of(columns, COLUMN_COUNT - 1).bytes, "a column too few");
    is_split(false, line_of(columns, COLUMN_COUNT + 1).bytes, "a column too many");
    is_split(false, line_of(columns, 1).bytes, "one column");
    is_split(false, "\n", "an empty line");
    is_split(false, "", "not even that");
    for (int i = 0; i < COLUMN_COUNT; i++) {
        columns[i] = "";
        is_split(false, line_of(columns, COLUMN_COUNT).bytes, "an empty column");
        columns[i] = usual[i];
    }
    line.bytes[line.size - 1] = '\r';
    is_split(false, line.bytes, "no LF");
    with(false, COLUMN_COUNT - 1, "-\r");
    with(false, COLUMN_COUNT - 1, "\r");
    with(true, COLUMN_COUNT - 1, "\r-");
    with(true, COLUMN_STEM, "/\r");
}

/* Finds each column of a line; returns how many there are, up to COLUMN_COUNT. */
static int find_columns(const struct text *line, struct field field[COLUMN_COUNT])
{
    int columns = 0;
    while (columns < COLUMN_COUNT &&
           column_get(line->bytes, line->size, (enum column)columns, &field[columns]))
        columns++;
    return columns;
}

static void test_one_column(void)
{
    const char *columns[COLUMN_COUNT + 1];
    struct field field[COLUMN_COUNT];
    memcpy(columns, usual, sizeof usual);
    columns[COLUMN_TIME] = "23:59:60";
    columns[COLUMN_AGENT] = "";
    columns[COLUMN_COUNT] = "more";
    for (int count = COLUMN_COUNT - 1; count <= COLUMN_COUNT + 1; count++) {
        struct text line = line_of(columns, count);
        int want = count < COLUMN_COUNT ? count : COLUMN_COUNT;
        bool same = find_columns(&line, field) == want;
        for (int i = 0; same && i < want; i++)
            same = field[i].size == strlen(columns[i]) &&
                   memcmp(field[i].text, columns[i], field[i].size) == 0;
        ok(same, "each column of %d in a line that is not split", count);
    }
    ok(!column_get("\n", 1, COLUMN_TIME, field) && column_get("\n", 1, COLUMN_DATE, field) &&
           field->size == 0,
       "an empty line has one column, an empty one");
}

static void test_values(void)
{
    const char *const dates[] = {"2024-02-29", "2000-02-29", "2026-12-31", "1000-01-01",
                                 "9999-12-31", "2026-04-30", NULL};
    const char *const no_dates[] = {
        "2023-02-29", "1900-02-29", "2026-02-30", "2026-04-31", "2026-13-01", "2026-00-10",
        "2026-10-00", "2026-10-32", "0999-10-10", "2026/10/10", "2026-10/10", "2026-1-010",
        "26-10-10",   "2026-10-1",  "2026-10-1x", "x026-10-10", "2026-1:-10", "2026-10-10 ",
        "-026-10-10", "+026-10-10", "2026- 1-10", NULL};
    const char *const times[] = {"00:00:00", "23:59:59", "09:09:09", NULL};
    const char *const no_times[] = {
        "24:00:00",  "23:60:00", "23:59:60", "1:00:000", "00-00:00", "00:00-00",
        "00:00:0",   "00:00:0:", "0/:00:00", "00:0x:00", "-1:00:00", "30:00:00",
        "00:00:00Z", "/0:00:00", "00: 0:00", NULL};
    const char *const sizes[] = {"0", "1", "999999999999999", "000000000000000", "100000000000000",
                                 NULL};
    const char *const no_sizes[] = {
        "1000000000000000", "-", "-1", "+1", "1.5", "1e5", " 1", "1 ", "0x1", NULL};
    const char *const statuses[] = {"000", "999", "304", NULL};
    const char *const no_statuses[] = {"0", "20", "2000", "20x", "-20", "-", " 20", NULL};
    const struct {
        int column;
        bool expected;
        const char *const *value;
    } cases[] = {
        {COLUMN_DATE, true, dates},      {COLUMN_DATE, false, no_dates},
        {COLUMN_TIME, true, times},      {COLUMN_TIME, false, no_times},
        {COLUMN_BYTES, true, sizes},     {COLUMN_BYTES, false, no_sizes},
        {COLUMN_STATUS, true, statuses}, {COLUMN_STATUS, false, no_statuses},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (const char *const *value = cases[i].value; *value; value++)
            with(cases[i].expected, cases[i].column, *value);
    }
}

static void test_bytes(void)
{
    const char *columns[COLUMN_COUNT];
    memcpy(columns, usual, sizeof columns);
    columns[COLUMN_STEM] = "/nul";
    struct text line = line_of(columns, COLUMN_COUNT);
    *strstr(line.bytes, "nul") = '\0';
    bool good;
    bool same = agrees(line.bytes, line.size, &good);
    ok(same && good, "a NUL in a column");

    /* Columns of all lengths, so TABs are at all places. */
    bool all = true;
    for (size_t size = 1; size < 200; size++) {
        char value[256];
        memset(value, 'a', size);
        value[size] = '\0';
        for (int column = 0; column < COLUMN_COUNT; column++) {
            if (column == COLUMN_DATE || column == COLUMN_TIME || column == COLUMN_STATUS ||
                column == COLUMN_BYTES)
                continue;
            columns[COLUMN_STEM] = usual[COLUMN_STEM];
            columns[COLUMN_COUNT - 1] = usual[COLUMN_COUNT - 1];
            columns[column] = value;
            line = line_of(columns, COLUMN_COUNT);
            all = agrees(line.bytes, line.size, &good) && good && all;
            columns[column] = usual[column];
        }
    }
    ok(all, "columns of 1 to 199 bytes");
}

static void test_dates(void)
{
    const unsigned years[] = {1000, 1100, 1200, 1899, 1900, 1996, 1999, 2000,
                              2023, 2024, 2026, 2100, 2400, 4000, 9996, 9999};
    bool same = !record_date_exists(999, 1, 1) && !record_date_exists(0, 1, 1);
    for (size_t i = 0; i < sizeof years / sizeof years[0]; i++) {
        for (unsigned month = 0; month <= 14; month++) {
            for (unsigned day = 0; day <= 33; day++) {
                struct tm tm = {
                    .tm_year = (int)years[i] - 1900, .tm_mon = (int)month - 1, .tm_mday = (int)day};
                same = same && record_date_exists(years[i], month, day) == time_exists(&tm);
            }
        }
    }
    ok(same, "dates that exist, by the C library");
}

static void test_names(void)
{
    const struct field field = {"GETX", 3};
    ok(record_field_is(&field, "GET"), "a field is a text");
    ok(!record_field_is(&field, "GE") && !record_field_is(&field, "GETX") &&
           !record_field_is(&field, "PUT") && !record_field_is(&field, ""),
       "no longer, shorter or other text is equal to the field");
}

/* ---- random lines ---- */

static size_t below(unsigned long long *random, size_t limit)
{
    return (size_t)(next_random(random) >> 16) % limit;
}

static void mutate(struct text *line, unsigned long long *random)
{
    static const char special[] = "\t\t\t\r\n\0 -:/0123456789\x80\xff";
    size_t at = below(random, line->size);
    char *place = line->bytes + at, *tab;
    switch (below(random, 5)) {
    case 0: /* another byte */
        *place = special[below(random, sizeof special)];
        break;
    case 1: /* a byte more */
        memmove(place + 1, place, line->size - at);
        *place = special[below(random, sizeof special)];
        line->size++;
        break;
    case 2: /* a byte less */
        memmove(place, place + 1, line->size - at - 1);
        line->size--;
        break;
    case 3: /* a column less, or its end */
        tab = memchr(place, '\t', line->size - at);
        if (tab) {
            memmove(place, tab, line->size - (size_t)(tab - line->bytes));
            line->size -= (size_t)(tab - place);
        }
        break;
    default: /* the line's end */
        line->size = at ? at : 1;
        if (below(random, 2))
            line->bytes[line->size - 1] = '\n';
    }
}

/* A record whose columns are of random lengths, and dates and numbers at random. */
static struct text random_line(unsigned long long *random)
{
    char values[COLUMN_COUNT][64];
    const char *columns[COLUMN_COUNT];
    for (int i = 0; i < COLUMN_COUNT; i++) {
        size_t size = 1 + below(random, below(random, 4) ? 8 : sizeof values[0] - 1);
        memset(values[i], 'x', size);
        values[i][size] = '\0';
        columns[i] = values[i];
    }
    snprintf(values[COLUMN_DATE], sizeof values[0], "%04zu-%02zu-%02zu", 990 + below(random, 9010),
             below(random, 14), below(random, 33));
    snprintf(values[COLUMN_TIME], sizeof values[0], "%02zu:%02zu:%02zu", below(random, 25),
             below(random, 61), below(random, 61));
    snprintf(values[COLUMN_STATUS], sizeof values[0], "%03zu", below(random, 1000));
    snprintf(values[COLUMN_BYTES], sizeof values[0], "%.*zu", 1 + (int)below(random, 16),
             below(random, 10000));
    return line_of(columns, COLUMN_COUNT);
}

static void test_random(void)
{
    unsigned long long random = 20101205;
    size_t different = 0, split = 0;
    for (int i = 0; i < MUTATIONS; i++) {
        struct text line = random_line(&random);
        for (size_t times = below(&random, 3); times > 0; times--)
            mutate(&line, &random);
        bool good;
        different += !agrees(line.bytes, line.size, &good);
        split += good;
    }
    ok(different == 0, "%d lines at random, %zu of them split: %zu differ", MUTATIONS, split,
       different);
    ok(split > MUTATIONS / 4 && split < MUTATIONS / 4 * 3, "neither few nor most are records");
}

int main(void)
{
    test_columns();
    test_one_column();
    test_values();
    test_bytes();
    test_dates();
    test_names();
    test_random();
    return done_testing();
}
