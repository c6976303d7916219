#include "values/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "values/internal.h"

/* field_class.found has the first address for a pattern that does not match. */
char values_no_match, values_unknown_match;

struct pattern values_add_pattern(pTHX_ struct values *values, enum pattern_field field,
                                  struct table *rows, bool takes_line)
{
    PERL_UNUSED_CONTEXT;
    struct pattern pattern = {.number = values->patterns++,
                              .field = field,
                              .index = values->patterns_of[field]++,
                              .rows = rows,
                              .takes_line = takes_line && rows};
    if (field == PATTERN_URL && rows) {
        Renew(values->url_row, values->url_rows + 1, unsigned);
        values->url_row[values->url_rows++] = pattern.index;
    }
    Renew(values->pattern, values->patterns, struct pattern);
    return values->pattern[pattern.number] = pattern;
}

struct field_class *values_plain(pTHX_ struct values *values, enum pattern_field field,
                                 const char *text, size_t size)
{
    return values_entry(values, &values->plain[field], text, size);
}

struct field_class *values_extra(pTHX_ struct values *values, enum pattern_field field,
                                 const struct record *record)
{
    return values_entry_of(values, &values->plain[field], record, values_extra_column(field));
}

/* The callback mirrors one match of "Check conditions" or "Determine actual column value to use" of
 * "Analyze: Extra". */
static void *match(pTHX_ struct values *values, const struct pattern *pattern, void *met,
                   const char *text, size_t size)
{
    SV *argument[] = {sv_2mortal(newSVuv(pattern->number)), values_text(aTHX_ text, size)};
    struct table *rows = pattern->rows;
    unsigned results;
    SV **result = values_call(aTHX_ values, CALLBACK_PATTERN, argument, 2, &results);
    void *found = results == 0 ? &values_no_match : met;
    if (results > 0 && rows) {
        STRLEN length;
        const char *row = SvPV_const(result[0], length);
        found = values_entry(values, rows, row, length);
    }
    values_call_end(aTHX);
    return found;
}

/* Whether "^(.+)$" finds the whole text.  Not for "0", which perl takes for false: AWStats may name such a row
 * otherwise. */
static bool is_line(const char *text, size_t size)
{
    return size > 0 && !(size == 1 && *text == '0') && !memchr(text, '\n', size);
}

void *values_try_pattern(pTHX_ struct values *values, const struct pattern *pattern,
                         struct field_class *class, SV *text)
{
    STRLEN size = class->entry.size;
    const char *bytes = text ? SvPV_const(text, size) : class->entry.key;
    if (!class->found) {
        class->found = calloc(values->patterns_of[pattern->field], sizeof *class->found);
        if (!class->found)
            values_no_memory(values);
    }
    const bool takes_line = pattern->takes_line && is_line(bytes, size);
    if (!takes_line && values_are_alone(values))
        return &values_unknown_match;
    void *found = takes_line ? values_entry(values, pattern->rows, bytes, size)
                             : match(aTHX_ values, pattern, class, bytes, size);
    return class->found[pattern->index] = found;
}

void values_release_plain(void *entry, void *context)
{
    PERL_UNUSED_VAR(context);
    free(((struct field_class *)entry)->found);
}
