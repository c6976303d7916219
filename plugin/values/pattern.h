/* The patterns of extra sections: conditions, and those that find rows. */
#ifndef PLUGIN_VALUES_PATTERN_H
#define PLUGIN_VALUES_PATTERN_H

#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"

#include "normalized/record.h"
#include "tables/tables.h"
#include "values/field_class.h"

struct values;

/* What a pattern is matched with. */
enum pattern_field {
    PATTERN_URL,
    PATTERN_QUERY,
    PATTERN_URL_QUERY,
    PATTERN_REFERER,
    PATTERN_AGENT,
    PATTERN_HOST,
    PATTERN_VHOST,
    PATTERN_EXTRA1,
    PATTERN_FIELDS = PATTERN_EXTRA1 + COLUMN_EXTRAS
};

struct pattern {
    unsigned number; /* from 0 on, in the order in which AWStats::CloudFront::Native numbers them */
    enum pattern_field field;
    unsigned index;     /* among the patterns of its field */
    struct table *rows; /* of struct extra_row; NULL: it is a condition */
    bool takes_line;    /* it finds a row, and is "^(.+)$": the row is the text itself */
};

/* A row of an extra section. */
struct extra_row {
    struct entry entry;
    struct row_place place; /* in the table of the section */
};

/* Adds a pattern.  ROWS: table of the rows (struct extra_row) that the pattern finds,
 * which stays the caller's and must outlive the values; NULL: it is a condition.  TAKES_LINE: see above. */
struct pattern values_add_pattern(pTHX_ struct values *values, enum pattern_field field,
                                  struct table *rows, bool takes_line);

/* Returns the class of a text that has no other class than what patterns find in it. */
struct field_class *values_plain(pTHX_ struct values *values, enum pattern_field field,
                                 const char *text, size_t size);

/* Returns the column that FIELD stands for: PATTERN_EXTRA1 or a later one. */
static inline enum column values_extra_column(enum pattern_field field)
{
    return (enum column)(COLUMN_EXTRA + (field - PATTERN_EXTRA1));
}

/* Returns the class of a record's value of that column. */
struct field_class *values_extra(pTHX_ struct values *values, enum pattern_field field,
                                 const struct record *record);

/* Tries a pattern for the first time with a value, whose class is CLASS: with TEXT; NULL: with the key of its class.
 * Returns what values_match() does, but a pointer to values_no_match if the pattern does not match. */
extern char values_no_match, values_unknown_match;
void *values_try_pattern(pTHX_ struct values *values, const struct pattern *pattern,
                         struct field_class *class, SV *text);

/* Returns what a pattern finds in a value: the row, a struct extra_row; anything but NULL for a
 * condition that is met; NULL if it does not match; a pointer to values_unknown_match if perl's thread must find out.
 * Same arguments as above. */
static inline void *values_match(pTHX_ struct values *values, const struct pattern *pattern,
                                 struct field_class *class, SV *text)
{
    void *found = class->found ? class->found[pattern->index] : NULL;
    if (!found)
        found = values_try_pattern(aTHX_ values, pattern, class, text);
    return found == &values_no_match ? NULL : found;
}

/* Returns room for SIZE bytes, valid until the next call. */
char *values_scratch(struct values *values, size_t size);

#endif
