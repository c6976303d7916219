/* Values of tables that databases and programs have written in other forms than CloudFront. */
#ifndef LOG_TABLE_VALUES_H
#define LOG_TABLE_VALUES_H

#include <stdbool.h>

#include "log/header.h"
#include "log/split.h"
#include "normalized/field.h"

/* Whether a value is \N, as MySQL, PostgreSQL, Hive and ClickHouse write NULL. */
bool table_values_is_null(struct field value);

/* Whether a value is a word that stands for NULL, such as NULL, NaN or None; a text of a visitor may be such a word. */
bool table_values_is_null_word(struct field value);

/* Gives the values of a row the forms that CloudFront writes: a NULL becomes absent, also a word if no visitor can have
 * written the value, whole numbers lose a fraction of 0, and the status 0 becomes 000. */
void table_values_convert(struct fields *fields, const struct header *header);

#endif
