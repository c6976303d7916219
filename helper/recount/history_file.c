#include "recount/history_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "historyfile/row.h"
#include "historyfile/section.h"
#include "memory/allocate.h"
#include "memory/table.h"
#include "normalized/clock.h"

/* The figures of the section GENERAL that are compared. */
static const struct {
    const char *key;
    struct history_column column;
} general[] = {
    {"FirstTime", {.name = "time", .is_of_order = true}},
    {"LastTime", {.name = "time", .is_of_order = true}},
    {"TotalVisits", {.name = "visits", .is_of_order = true}},
    {"TotalUnique", {.name = "visitors"}},
    {"MonthHostsKnown", {.name = "hosts"}},
    {"MonthHostsUnknown", {.name = "hosts"}},
};

/* Returns the column with this number; NULL when its figure is not compared. */
static const struct history_column *column_of(const char *section, const char *key, size_t column)
{
    static const struct history_column other = {.name = "value"};
    if (!strcmp(section, "GENERAL")) {
        for (size_t i = 0; !column && i < sizeof general / sizeof *general; i++)
            if (!strcmp(key, general[i].key))
                return &general[i].column;
        return NULL;
    }
    if (!strcmp(section, "MAP") || !strcmp(section, "PLUGIN_cloudfront"))
        return NULL;
    const struct history_section *known = history_section_find(section, strlen(section));
    bool is_known = known && column < HISTORY_COLUMNS_MAX && known->columns[column].name;
    return is_known ? &known->columns[column] : &other;
}

/* ---- a file --------------------------------------------------------------------------------- */

struct reader {
    FILE *file;
    const char *path;
    char *line;
    size_t capacity;
    bool is_xml;
    char section[64]; /* "": outside */
};

/* Opens the file; NULL is a file without lines. */
static bool open_file(struct reader *reader, const char *path, struct buffer *error)
{
    *reader = (struct reader){.path = path, .file = path ? fopen(path, "re") : NULL};
    if (!path || reader->file)
        return true;
    buffer_printf(error, "%s: %s", path, strerror(errno));
    return false;
}

/* Closes the file.  Returns false with a line in ERROR when a read failed. */
static bool close_file(struct reader *reader, struct buffer *error)
{
    bool failed = reader->file && ferror(reader->file);
    if (failed)
        buffer_printf(error,
                      "%s: this AWStats history file cannot be read to its end; check the disk, or "
                      "restore the file from a backup",
                      reader->path);
    if (reader->file)
        fclose(reader->file);
    free(reader->line);
    return !failed;
}

/* Overwrites each tag with spaces, as in <tr><td>KEY</td><td>VALUE</td></tr>. */
static void strip_tags(char *line)
{
    bool is_tag = false;
    for (char *p = line; *p; p++) {
        is_tag |= *p == '<';
        bool ends = is_tag && *p == '>';
        if (is_tag)
            *p = ' ';
        is_tag &= !ends;
    }
}

/* Returns the next key of a section, and its values in *VALUES; NULL at the end. */
static char *next_key(struct reader *reader, char **values)
{
    while (reader->file && getline(&reader->line, &reader->capacity, reader->file) >= 0) {
        char *rest = reader->line;
        if (!strncmp(rest, "<xml", 4))
            reader->is_xml = true;
        if (reader->is_xml)
            strip_tags(rest);
        rest += strspn(rest, " \t\r\n");
        char *key = strsep(&rest, " \t\r\n");
        if (!*key || *key == '#')
            continue;
        if (!strncmp(key, "BEGIN_", 6)) {
            snprintf(reader->section, sizeof reader->section, "%s", key + 6);
        } else if (!strncmp(key, "END_", 4) && !strcmp(key + 4, reader->section)) {
            *reader->section = '\0';
        } else if (*reader->section) {
            *values = rest ? rest : key + strlen(key);
            return key;
        }
    }
    return NULL;
}

/* Returns the next value; NULL at the end. */
static char *next_value(char **values)
{
    char *value;
    while ((value = strsep(values, " \t\r\n")) && !*value)
        ;
    return value;
}

/* Visits a key of a section.  next_value() reads VALUES. */
typedef void visit_key(void *user, const char *section, const char *key, char *values);

/* Visits the keys of a file, in the file's order.  Returns false with a line in ERROR when the file cannot
 * be read. */
static bool visit_keys(const char *path, visit_key *visit, void *user, struct buffer *error)
{
    struct reader reader;
    const char *key;
    char *values;
    if (!open_file(&reader, path, error))
        return false;
    while ((key = next_key(&reader, &values)))
        visit(user, reader.section, key, values);
    return close_file(&reader, error);
}

/* Reads the numbers of a row: COUNT of them; missing ones are 0. */
static void read_numbers(char *values, uint64_t *numbers, size_t count)
{
    const char *value;
    for (size_t i = 0; i < count; i++)
        numbers[i] = (value = next_value(&values)) ? strtoull(value, NULL, 10) : 0;
}

/* Adds a row of DAY, whose key is YYYYMMDD: pages, hits, bytes and visits. */
static void add_day(struct history_sums *sums, const char *key, char *values)
{
    uint64_t number[4];
    char date[CLOCK_DATE_SIZE + 1];
    uint32_t day;
    read_numbers(values, number, 4);
    sums->pages += number[0];
    sums->hits += number[1];
    sums->bytes += number[2];
    sums->visits += number[3];
    if (strlen(key) != 8)
        return;
    snprintf(date, sizeof date, "%.4s-%.2s-%.2s", key, key + 4, key + 6);
    if (!clock_parse_date(date, CLOCK_DATE_SIZE, &day))
        return;
    sums->days = array_grow(sums->days, sums->day_count, &sums->day_capacity, sizeof *sums->days);
    sums->days[sums->day_count++] = (struct history_day){day, number[1], number[2]};
}

/* Adds a row of TIME, whose key is an hour: pages, hits and bytes, viewed; and the same, not viewed. */
static void add_hour(struct history_sums *sums, char *values)
{
    uint64_t number[6];
    read_numbers(values, number, 6);
    sums->all_hits += number[1] + number[4];
    sums->all_bytes += number[2] + number[5];
}

static void add_row(void *user, const char *section, const char *key, char *values)
{
    if (!strcmp(section, "DAY"))
        add_day(user, key, values);
    else if (!strcmp(section, "TIME"))
        add_hour(user, values);
}

bool history_add_sums(struct history_sums *sums, const char *path, struct buffer *error)
{
    return visit_keys(path, add_row, sums, error);
}

void history_free_sums(struct history_sums *sums)
{
    free(sums->days);
    *sums = (struct history_sums){0};
}

/* ---- two files ------------------------------------------------------------------------------ */

/* A key.  A file may have several lines of one key: AWStats shortens some keys when it writes them, such as
 * a referrer that ends with "/", and adds the lines up when it reads the file. */
struct row {
    struct entry entry; /* the section, a space, and the key */
    char *before;       /* values in the file before, added up */
    char *after;        /* values in the file after, added up so far, if it has several lines */
    unsigned lines;     /* of the file after, */
    unsigned added;     /* and how many of these are in AFTER */
    bool is_told;
};

struct comparison {
    struct table rows;
    struct buffer name;
    history_tell *tell;
    void *user;
};

static struct row *find_row(struct comparison *comparison, const char *section, const char *key)
{
    struct buffer *name = &comparison->name;
    buffer_clear(name);
    buffer_printf(name, "%s %s", section, key);
    struct row *row = table_get(&comparison->rows, name->data, name->size);
    if (!row)
        memory_exhausted();
    return row;
}

/* Compares the columns of a key.  NULL: the file does not have the key. */
static void compare_values(const struct comparison *comparison, const char *section,
                           const char *key, char *before, char *after)
{
    for (size_t i = 0; before || after; i++) {
        const char *a = before ? next_value(&before) : NULL, *b = after ? next_value(&after) : NULL;
        const struct history_column *column = column_of(section, key, i);
        if (!a && !b)
            return;
        if (!column || (a && b && !strcmp(a, b)) ||
            (!strcmp(a ? a : "0", "0") && !strcmp(b ? b : "0", "0")))
            continue;
        struct history_difference difference = {.section = section,
                                                .key = key,
                                                .column = column->name,
                                                .before = a ? a : "-",
                                                .after = b ? b : "-",
                                                .is_of_order = column->is_of_order};
        comparison->tell(comparison->user, &difference);
    }
}

/* Adds KEY and the values to LINE, with a space between.  VALUES are consumed. */
static void add_line(struct buffer *line, const char *key, char *values)
{
    const char *value;
    buffer_add_text(line, key);
    while ((value = next_value(&values)))
        buffer_printf(line, " %s", value);
}

/* Adds the values of one more line to the sum for a key, as AWStats does when it reads the file.  If values cannot be
 * added, the new ones replace the old ones. */
static void add_values(char **sum, const char *section, const char *key, char *values)
{
    const struct history_section *known = history_section_find(section, strlen(section));
    struct buffer old = {0}, new = {0}, both = {0};
    struct history_row row, more;
    struct history_visit ended;
    char *kept = memory_copy_text(values);
    add_line(&new, key, values);
    if (*sum)
        add_line(&old, key, *sum);
    if (*sum && known && history_row_read(known, old.data, old.size, &row) &&
        history_row_read(known, new.data, new.size, &more) &&
        history_row_add(known, &row, &more, &ended)) {
        history_row_write(known, &row, &both);
        buffer_add_text(&both, "");
        free(kept);
        kept = memory_copy_text(both.data + strlen(key));
    }
    free(*sum);
    *sum = kept;
    buffer_free(&old);
    buffer_free(&new);
    buffer_free(&both);
}

static void keep_before(void *user, const char *section, const char *key, char *values)
{
    struct row *row = find_row(user, section, key);
    if (row->before)
        add_values(&row->before, section, key, values);
    else
        row->before = memory_copy_text(values);
}

static void count_after(void *user, const char *section, const char *key, char *values)
{
    (void)values;
    find_row(user, section, key)->lines++;
}

/* Compares a key once its last line is read. */
static void compare_after(void *user, const char *section, const char *key, char *values)
{
    struct row *row = find_row(user, section, key);
    if (row->lines > 1) {
        add_values(&row->after, section, key, values);
        values = row->after;
    }
    if (++row->added == row->lines)
        compare_values(user, section, key, row->before, values);
}

/* Reports a key that only the file before has. */
static void tell_missing(void *user, const char *section, const char *key, char *values)
{
    struct row *row = find_row(user, section, key);
    (void)values;
    if (!row->lines && !row->is_told)
        compare_values(user, section, key, row->before, NULL);
    row->is_told = true;
}

static void release(void *entry, void *context)
{
    struct row *row = entry;
    (void)context;
    free(row->before);
    free(row->after);
}

bool history_compare(const char *before, const char *after, history_tell *tell, void *user,
                     struct buffer *error)
{
    struct comparison comparison = {.tell = tell, .user = user};
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, 0) < 0)
        seed = (uint64_t)(uintptr_t)&comparison;
    table_init(&comparison.rows, sizeof(struct row), seed);
    bool done = visit_keys(before, keep_before, &comparison, error) &&
                visit_keys(after, count_after, &comparison, error) &&
                visit_keys(after, compare_after, &comparison, error) &&
                visit_keys(before, tell_missing, &comparison, error);
    table_clear(&comparison.rows, release, NULL);
    buffer_free(&comparison.name);
    return done;
}
