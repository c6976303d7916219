/* Extra sections of the configuration: charts whose rows patterns find in fields. */
#include <stdlib.h>
#include <string.h>

#include "loop/internal.h"
#include "awstats/settings.h"

/* What a section's pattern is matched with: the value, and its text unless it is the value's key.
 */
static struct value *value_of(pTHX_ struct update_loop *loop, struct decision *d,
                              enum source source, const char **text, size_t *size)
{
    struct values *values = loop->values;
    const struct field *query = &d->record.field[COLUMN_QUERY];
    bool has_query = !field_is(query, "-") && !field_is(query, "0");
    STRLEN length;
    char *both;
    switch (source) {
    case SOURCE_URL:
        *text = SvPV_const(d->url->path, length);
        *size = length;
        return &d->url->value;
    case SOURCE_QUERY:
        *text = query->text;
        *size = has_query ? query->size : 0;
        return values_plain(aTHX_ values, source, *text, *size);
    case SOURCE_URL_QUERY:
        *text = SvPV_const(d->url->path, length);
        *size = length;
        if (has_query) {
            both = values_scratch(aTHX_ values, length + 1 + query->size);
            memcpy(both, *text, length);
            both[length] = '?';
            memcpy(both + length + 1, query->text, query->size);
            *text = both;
            *size = length + 1 + query->size;
        }
        return values_plain(aTHX_ values, source, *text, *size);
    case SOURCE_REFERER:
        *text = NULL;
        return &d->referer->value;
    case SOURCE_AGENT:
        *text = NULL;
        return &d->agent->value;
    case SOURCE_HOST:
        *text = NULL;
        return &d->host->value;
    case SOURCE_VHOST:
        *text = NULL;
        return &d->vhost->value;
    default:
        break;
    }
    const struct field *extra = &d->record.field[COLUMN_EXTRA + (source - SOURCE_EXTRA1)];
    *text = extra->text;
    *size = extra->size;
    return values_plain(aTHX_ values, source, extra->text, extra->size);
}

/* What the first of some patterns that matches has found; NULL when none does. */
static void *first_match(pTHX_ struct update_loop *loop, struct decision *d,
                         const unsigned *pattern, unsigned patterns)
{
    void *found = NULL;
    for (unsigned i = 0; i < patterns && !found; i++) {
        const char *text;
        size_t size = 0;
        struct value *value =
            value_of(aTHX_ loop, d, loop->values->pattern[pattern[i]].source, &text, &size);
        if (!text) {
            text = value->entry.key;
            size = value->entry.size;
        }
        found = values_match(aTHX_ loop->values, pattern[i], value, text, size);
    }
    return found;
}

enum loop_reason decide_sections(pTHX_ struct update_loop *loop, struct decision *d)
{
    for (unsigned i = 0; i < loop->sections; i++) {
        struct section *section = &loop->section[i];
        struct name *row = NULL;
        if (d->status->in_section[i] == '1' &&
            (section->conditions == 0 ||
             first_match(aTHX_ loop, d, section->condition, section->conditions)))
            row = first_match(aTHX_ loop, d, section->row, section->rows);
        loop->row[i] = row;
        if (row && HvUSEDKEYS(section->hash[HITS]) >= loop->rows_max &&
            !hv_exists_ent(section->hash[HITS], row->item.key, 0))
            return LOOP_SECTION_FULL;
    }
    return LOOP_NATIVE;
}

void count_sections(pTHX_ struct update_loop *loop, const struct decision *d)
{
    for (unsigned i = 0; i < loop->sections; i++) {
        const struct section *section = &loop->section[i];
        struct name *row = loop->row[i];
        if (!row)
            continue;
        const struct counters *counters = loop->counters;
        if (section->pages && is_page(d))
            count_one(aTHX_ counter_in(aTHX_ counters, &row->item, section->hash, PAGES));
        count_one(aTHX_ counter_in(aTHX_ counters, &row->item, section->hash, HITS));
        if (section->bytes)
            count_add(aTHX_ counter_in(aTHX_ counters, &row->item, section->hash, BYTES), d->bytes);
        if (section->last)
            set_time(aTHX_ counter_in(aTHX_ counters, &row->item, section->hash, LAST), d->time);
    }
}

static enum source source_of(pTHX_ const char *name)
{
    static const char *const fixed[] = {"URL", "QUERY_STRING", "URLWITHQUERY", "REFERER",
                                        "UA",  "HOST",         "VHOST"};
    for (unsigned i = 0; i < SOURCE_EXTRA1; i++) {
        if (strcmp(name, fixed[i]) == 0)
            return (enum source)i;
    }
    int extra = strncmp(name, "extra", 5) == 0 ? atoi(name + 5) : 0;
    if (extra < 1 || extra > COLUMN_EXTRAS)
        croak("no source of values is called %s", name);
    return (enum source)(SOURCE_EXTRA1 + extra - 1);
}

/* Takes the patterns of a section, each the name of its source, into the list of all. */
static unsigned *take_patterns(pTHX_ struct update_loop *loop, AV *sources, struct table *rows)
{
    struct values *values = loop->values;
    unsigned count = setting_length(aTHX_ sources);
    unsigned *numbers = allocate(count, sizeof *numbers);
    struct pattern *more =
        realloc(values->pattern, (values->patterns + count + 1) * sizeof *values->pattern);
    if (!more)
        croak("out of memory");
    values->pattern = more;
    for (unsigned i = 0; i < count; i++) {
        SV **name = av_fetch(sources, (SSize_t)i, 0);
        enum source source = source_of(aTHX_ name ? SvPV_nolen_const(*name) : "");
        numbers[i] = values->patterns;
        values->pattern[values->patterns++] = (struct pattern){
            .source = source, .index = values->patterns_of[source]++, .rows = rows};
        loop->queries_matter |= source == SOURCE_QUERY || source == SOURCE_URL_QUERY;
    }
    return numbers;
}

static void take_section(pTHX_ struct update_loop *loop, struct section *section, HV *setting)
{
    static const char letter[SLOTS] = {[PAGES] = 'p', [HITS] = 'h', [BYTES] = 'k', [LAST] = 'l'};
    AV *conditions = setting_array(aTHX_ setting, "conditions"),
       *rows = setting_array(aTHX_ setting, "rows");
    table_init(&section->names, sizeof(struct name), loop->values->vhosts.seed);
    section->conditions = setting_length(aTHX_ conditions);
    section->condition = take_patterns(aTHX_ loop, conditions, NULL);
    section->rows = setting_length(aTHX_ rows);
    section->row = take_patterns(aTHX_ loop, rows, &section->names);
    section->pages = setting_flag(aTHX_ setting, "pages");
    section->bytes = setting_flag(aTHX_ setting, "bytes");
    section->last = setting_flag(aTHX_ setting, "last");
    for (unsigned slot = 0; slot < SLOTS; slot++)
        section->hash[slot] =
            variables_extra_section(aTHX_ setting_number(aTHX_ setting, "number"), letter[slot]);
}

void sections_init(pTHX_ struct update_loop *loop, AV *settings)
{
    loop->sections = setting_length(aTHX_ settings);
    loop->section = allocate(loop->sections, sizeof *loop->section);
    loop->row = allocate(loop->sections, sizeof(struct name *));
    for (unsigned i = 0; i < loop->sections; i++) {
        SV **sv = av_fetch(settings, (SSize_t)i, 0);
        if (!sv || !SvROK(*sv) || SvTYPE(SvRV(*sv)) != SVt_PVHV)
            croak("a section is not a hash");
        take_section(aTHX_ loop, &loop->section[i], (HV *)SvRV(*sv));
    }
}

void sections_free(struct update_loop *loop)
{
    for (unsigned i = 0; i < loop->sections; i++) {
        free(loop->section[i].condition);
        free(loop->section[i].row);
    }
    free(loop->section);
    free(loop->row);
    free(loop->values->pattern);
}
