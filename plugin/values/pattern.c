#include "values/pattern.h"

#include <stdlib.h>

#include "values/internal.h"

static char no_match; /* its address is in field_class.found for a pattern that does not match */

unsigned values_add_pattern(pTHX_ struct values *values, enum pattern_field field,
                            struct table *rows)
{
    PERL_UNUSED_CONTEXT;
    Renew(values->pattern, values->patterns + 1, struct pattern);
    values->pattern[values->patterns] =
        (struct pattern){.field = field, .index = values->patterns_of[field]++, .rows = rows};
    return values->patterns++;
}

enum pattern_field values_pattern_field(const struct values *values, unsigned pattern)
{
    return values->pattern[pattern].field;
}

struct field_class *values_plain(pTHX_ struct values *values, enum pattern_field field,
                                 const char *text, size_t size)
{
    return values_entry(&values->plain[field], text, size);
}

/* The callback mirrors one match of "Check conditions" or "Determine actual column value to use" of
 * "Analyze: Extra". */
static void *match(pTHX_ struct values *values, unsigned pattern, void *met, const char *text,
                   size_t size)
{
    SV *argument[] = {sv_2mortal(newSVuv(pattern)), values_text(aTHX_ text, size)};
    struct table *rows = values->pattern[pattern].rows;
    unsigned results;
    SV **result = values_call(aTHX_ values, CALLBACK_PATTERN, argument, 2, &results);
    void *found = results == 0 ? &no_match : met;
    if (results > 0 && rows) {
        STRLEN length;
        const char *row = SvPV_const(result[0], length);
        found = values_name_in(aTHX_ rows, row, length);
    }
    values_call_end(aTHX);
    return found;
}

void *values_match(pTHX_ struct values *values, unsigned pattern, struct field_class *class,
                   const char *text, size_t size)
{
    const struct pattern *tried = &values->pattern[pattern];
    if (!class->found) {
        class->found = calloc(values->patterns_of[tried->field], sizeof *class->found);
        if (!class->found)
            croak("out of memory");
    }
    void **found = &class->found[tried->index];
    if (!*found)
        *found = match(aTHX_ values, pattern, class, text, size);
    return *found == &no_match ? NULL : *found;
}

void values_release_plain(void *entry, void *context)
{
    PERL_UNUSED_VAR(context);
    free(((struct field_class *)entry)->found);
}
