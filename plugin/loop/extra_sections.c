/* Extra sections of the configuration: charts whose rows patterns find in fields.  All of this
 * mirrors "Analyze: Extra" in awstats.pl's update loop. */
#include <stdlib.h>
#include <string.h>

#include "awstats/settings.h"
#include "loop/internal.h"

/* Returns whether AWStats' $standalonequery is true; to Perl, "0" is false. */
static bool has_query(const struct field *query)
{
    return !record_field_is(query, "-") && !record_field_is(query, "0");
}

/* Returns the class of a URL with its query. */
static struct field_class *class_with_query(pTHX_ struct values *values, const struct decision *d,
                                            struct field query)
{
    const struct field path = url_text(d->url, d->url->path);
    if (!has_query(&query))
        return values_plain(aTHX_ values, PATTERN_URL_QUERY, path.text, path.size);
    const size_t size = path.size + 1 + query.size;
    char *both = values_scratch(values, size);
    memcpy(both, path.text, path.size);
    both[path.size] = '?';
    memcpy(both + path.size + 1, query.text, query.size);
    return values_plain(aTHX_ values, PATTERN_URL_QUERY, both, size);
}

/* Returns the class of a field to match patterns with. */
static struct field_class *class_of(pTHX_ struct values *values, const struct decision *d,
                                    enum pattern_field field)
{
    if (field >= PATTERN_EXTRA1)
        return values_extra(aTHX_ values, field, d->record);
    const struct field query = record_field(d->record, COLUMN_QUERY);
    switch (field) {
    case PATTERN_URL:
        return &d->url->class;
    case PATTERN_QUERY:
        return values_plain(aTHX_ values, field, query.text, has_query(&query) ? query.size : 0);
    case PATTERN_URL_QUERY:
        return class_with_query(aTHX_ values, d, query);
    case PATTERN_REFERER:
        return &d->referer->class;
    case PATTERN_AGENT:
        return &d->agent->class;
    case PATTERN_HOST:
        return &d->host->class;
    default:
        return &d->vhost->class;
    }
}

/* Returns the result of the first pattern that matches; NULL if none does. */
static inline void *first_match(pTHX_ struct lane *lane, const struct decision *d,
                                const struct pattern *pattern, unsigned patterns)
{
    void *found = NULL;
    for (; patterns && !found; pattern++, patterns--) {
        struct field_class *class = class_of(aTHX_ lane->values, d, pattern->field);
        SV *text = pattern->field == PATTERN_URL ? d->url->path : NULL;
        found = values_match(aTHX_ lane->values, pattern, class, text);
    }
    return found;
}

/* Whether the row would be a new one of a section that may have no more rows. */
static bool is_one_too_many(const struct lane *lane, const struct extra_section *section,
                            const struct extra_row *row)
{
    return row->place.generation != lane->tables.generation &&
           section->counters->count >= lane->rules->rows_max &&
           !rows_find(section->counters, row->entry.key, row->entry.size);
}

/* Whether perl's thread must find out the result of a pattern. */
static bool is_unknown(const void *found)
{
    return found == &values_unknown_match;
}

/* Returns the section's row for a record; NULL if it has none; or what is_unknown().  The caller has checked the section's
 * status codes. */
static struct extra_row *find_row(pTHX_ struct lane *lane, const struct extra_section *section,
                                  const struct decision *d)
{
    if (section->conditions) {
        void *met = first_match(aTHX_ lane, d, section->condition, section->conditions);
        if (!met || is_unknown(met))
            return met;
    }
    return first_match(aTHX_ lane, d, section->row, section->rows);
}

/* Does the same for a section whose row depends only on columns with numbers.  Remembers the rows, since most records
 * have values that earlier records had. */
static inline struct extra_row *find_row_by_numbers(pTHX_ struct lane *lane,
                                                    struct extra_section *section,
                                                    const struct decision *d)
{
    const struct record *record = d->record;
    const uint32_t first = record->number[section->decided_by.place[0]],
                   second = record->number[section->decided_by.place[1]];
    struct decided_row *decided = &section->decided[(first * 31 + second) % ROWS_DECIDED];
    if (decided->numbering == record->numbering && decided->number[0] == first &&
        decided->number[1] == second)
        return decided->row;
    struct extra_row *row = find_row(aTHX_ lane, section, d);
    if (!is_unknown(row))
        *decided = (struct decided_row){record->numbering, {first, second}, row};
    return row;
}

enum loop_reason extra_sections_decide(pTHX_ struct lane *lane, struct decision *d)
{
    const char *in_section = d->status->in_section;
    const bool has_numbers = d->record->numbering != 0;
    for (unsigned i = 0; i < lane->sections; i++) {
        struct extra_section *section = &lane->section[i];
        struct extra_row *row = NULL;
        if (in_section[i] == '1')
            row = has_numbers && section->decided_by.columns
                      ? find_row_by_numbers(aTHX_ lane, section, d)
                      : find_row(aTHX_ lane, section, d);
        lane->row[i] = row;
        if (is_unknown(row))
            return LOOP_ASKS;
        if (row && is_one_too_many(lane, section, row))
            return DELEGATE_FULL_SECTION;
    }
    return LOOP_NATIVE;
}

void extra_sections_count(struct lane *lane, const struct decision *d)
{
    for (unsigned i = 0; i < lane->sections; i++) {
        const struct extra_section *section = &lane->section[i];
        struct extra_row *found = lane->row[i];
        if (!found)
            continue;
        struct row *row =
            row_of(lane, section->counters, &found->place, found->entry.key, found->entry.size);
        row->column[ROW_PAGES] += section->pages && is_page(d);
        row->column[ROW_HITS]++;
        if (section->bytes)
            row->column[ROW_BYTES] += d->bytes;
        if (section->last)
            row->column[ROW_LAST] = d->time;
    }
}

/* ---- start and end ---- */

static enum pattern_field field_called(pTHX_ const char *name)
{
    static const char *const fixed[] = {"URL", "QUERY_STRING", "URLWITHQUERY", "REFERER",
                                        "UA",  "HOST",         "VHOST"};
    PERL_UNUSED_CONTEXT;
    for (unsigned i = 0; i < PATTERN_EXTRA1; i++) {
        if (strcmp(name, fixed[i]) == 0)
            return (enum pattern_field)i;
    }
    int extra = strncmp(name, "extra", 5) == 0 ? atoi(name + 5) : 0;
    if (extra < 1 || extra > COLUMN_EXTRAS)
        croak("internal error: extra sections have no field %s, please report it", name);
    return (enum pattern_field)(PATTERN_EXTRA1 + extra - 1);
}

/* Adds the patterns of a section.  FIELDS has the name of the field for each pattern, LINES whether the pattern
 * takes the whole line. */
static struct pattern *add_patterns(pTHX_ struct lane *lane, AV *fields, AV *lines,
                                    struct table *rows)
{
    unsigned count = settings_length(aTHX_ fields);
    struct pattern *patterns;
    Newxz(patterns, count + 1, struct pattern);
    for (unsigned i = 0; i < count; i++) {
        SV **name = av_fetch(fields, (SSize_t)i, 0);
        enum pattern_field field = field_called(aTHX_ name ? SvPV_nolen_const(*name) : "");
        SV **line = lines ? av_fetch(lines, (SSize_t)i, 0) : NULL;
        patterns[i] = values_add_pattern(aTHX_ lane->values, field, rows, line && SvTRUE(*line));
    }
    return patterns;
}

/* Adds the column of a pattern to the columns that decide a row.  Returns false if the column has no numbers, or
 * if there are too many columns. */
static bool add_column(struct row_columns *columns, enum pattern_field field)
{
    if (field < PATTERN_EXTRA1)
        return false;
    const int place = record_number_place(values_extra_column(field));
    if (place < 0)
        return false;
    for (unsigned i = 0; i < columns->columns; i++)
        if (columns->place[i] == place)
            return true;
    if (columns->columns == ROW_COLUMNS)
        return false;
    columns->place[columns->columns++] = place;
    return true;
}

static struct row_columns find_row_columns(const struct extra_section *section)
{
    struct row_columns columns = {0};
    if (section->conditions)
        return columns;
    for (unsigned i = 0; i < section->rows; i++)
        if (!add_column(&columns, section->row[i].field))
            return (struct row_columns){0};
    if (columns.columns == 1)
        columns.place[1] = columns.place[0];
    return columns;
}

static void take_section(pTHX_ struct lane *lane, struct extra_section *section, HV *settings,
                         uint64_t seed)
{
    AV *conditions = settings_array(aTHX_ settings, "conditions"),
       *rows = settings_array(aTHX_ settings, "rows"),
       *lines = settings_array(aTHX_ settings, "lines");
    table_init(&section->names, sizeof(struct extra_row), seed);
    section->conditions = settings_length(aTHX_ conditions);
    section->condition = add_patterns(aTHX_ lane, conditions, NULL, NULL);
    section->rows = settings_length(aTHX_ rows);
    section->row = add_patterns(aTHX_ lane, rows, lines, &section->names);
    section->decided_by = find_row_columns(section);
    section->pages = settings_flag(aTHX_ settings, "pages");
    section->bytes = settings_flag(aTHX_ settings, "bytes");
    section->last = settings_flag(aTHX_ settings, "last");
}

/* Whether a pattern of a section needs the query. */
static bool needs_query(const struct pattern *pattern, unsigned patterns)
{
    for (unsigned i = 0; i < patterns; i++) {
        if (pattern[i].field == PATTERN_QUERY || pattern[i].field == PATTERN_URL_QUERY)
            return true;
    }
    return false;
}

void extra_sections_init(pTHX_ struct lane *lane, AV *settings, uint64_t seed, bool *queries_matter)
{
    lane->sections = settings_length(aTHX_ settings);
    Newxz(lane->section, lane->sections + 1, struct extra_section);
    Newxz(lane->row, lane->sections + 1, struct extra_row *);
    if (!tables_init(&lane->tables, lane->sections, seed))
        croak("out of memory");
    for (unsigned i = 0; i < lane->sections; i++) {
        SV **sv = av_fetch(settings, (SSize_t)i, 0);
        if (!sv || !SvROK(*sv) || SvTYPE(SvRV(*sv)) != SVt_PVHV)
            croak("internal error: an extra section's settings are not a hash, please report it");
        lane->section[i].counters = &lane->tables.extra[i];
        take_section(aTHX_ lane, &lane->section[i], (HV *)SvRV(*sv), seed);
        const struct extra_section *section = &lane->section[i];
        *queries_matter |= needs_query(section->condition, section->conditions) ||
                           needs_query(section->row, section->rows);
    }
}

void extra_sections_forget(struct lane *lane)
{
    for (unsigned i = 0; i < lane->sections; i++)
        memset(lane->section[i].decided, 0, sizeof lane->section[i].decided);
}

void extra_sections_free(struct lane *lane)
{
    for (unsigned i = 0; i < lane->sections; i++) {
        Safefree(lane->section[i].condition);
        Safefree(lane->section[i].row);
    }
    Safefree(lane->section);
    Safefree(lane->row);
}
