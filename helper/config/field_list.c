#include "config/field_list.h"

#include <stdio.h>
#include <string.h>

#include "log/field_names.h"
#include "log/foreign.h"
#include "log/layout.h"

const char *field_list_check(const char *names)
{
    static const char between[] = " ,\t";
    static _Thread_local char error[256];
    char field[FIELD_NAME_SIZE];
    struct layout_given given;
    for (const char *s = names + strspn(names, between); *s; s += strspn(s, between)) {
        size_t size = strcspn(s, between);
        /* layout_parse() names the fields of other programs. */
        if (!foreign_find_other(s, size) && field_names_find_meant(s, size, field)) {
            snprintf(error, sizeof error,
                     "no such field: %.*s; did you mean %s? Write \"-\" for a column that is no "
                     "field of CloudFront",
                     (int)size, s, field);
            return error;
        }
        s += size;
    }
    return layout_parse(&given, names);
}
