#include "log/json_rows.h"

#include <string.h>

void json_rows_begin(struct json_rows *rows)
{
    rows->count = rows->object.count = 0;
    rows->columns = 0;
    rows->is_real_time = false;
}

enum column json_rows_column(struct json_rows *rows, size_t number, struct field name)
{
    if (number < rows->count && rows->name[number].size == name.size &&
        !memcmp(rows->name[number].text, name.text, name.size))
        return rows->name[number].column;
    enum column column = column_find(name.text, name.size);
    if (number > rows->count || name.size > JSON_NAME_MAX)
        return column;
    memcpy(rows->name[number].text, name.text, name.size);
    rows->name[number].size = name.size;
    rows->name[number].column = column;
    if (number == rows->count)
        rows->count++;
    return column;
}
