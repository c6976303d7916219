/* The patterns of extra sections: conditions, and those that find rows. */
#ifndef PLUGIN_VALUES_PATTERN_H
#define PLUGIN_VALUES_PATTERN_H

#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"

#include "normalized/columns.h"
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

/* Adds a pattern, and returns its number: they are numbered from 0 in the order in which
 * AWStats::CloudFront::Native numbers them.  ROWS: table of the rows (struct counted_name) that the
 * pattern finds, which stays the caller's and must outlive the values; NULL: it is a condition. */
unsigned values_add_pattern(pTHX_ struct values *values, enum pattern_field field,
                            struct table *rows);

enum pattern_field values_pattern_field(const struct values *values, unsigned pattern);

/* Returns the class of a text that has no other class than what patterns find in it. */
struct field_class *values_plain(pTHX_ struct values *values, enum pattern_field field,
                                 const char *text, size_t size);

/* Returns what a pattern finds in TEXT, whose class is CLASS: the row, a struct counted_name;
 * anything but NULL for a condition that is met; NULL if it does not match. */
void *values_match(pTHX_ struct values *values, unsigned pattern, struct field_class *class,
                   const char *text, size_t size);

/* Returns room for SIZE bytes, valid until the next call. */
char *values_scratch(struct values *values, size_t size);

#endif
