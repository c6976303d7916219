#include "log/json_rows.h"

#include <string.h>

void json_rows_begin(struct json_rows *rows, unsigned missing)
{
    rows->missing = missing;
    rows->object.count = rows->object.expected_count = 0;
    rows->columns = 0;
    rows->is_inside_line = rows->is_real_time = rows->has_parenthesis = false;
    rows->has_foreign = rows->has_empty = rows->lacks_time = false;
}

enum column json_rows_find(struct json_rows *rows, size_t number)
{
    struct json_object *object = &rows->object;
    struct field name = object->member[number].name;
    enum column column = column_find(name.text, name.size);
    bool is_plain = name.size <= JSON_NAME_MAX && !memchr(name.text, '"', name.size) &&
                    !memchr(name.text, '\\', name.size);
    if (number > object->expected_count || !is_plain)
        return column;
    memcpy(object->expected[number].text, name.text, name.size);
    object->expected[number].size = name.size;
    rows->column[number] = column;
    if (number == object->expected_count)
        object->expected_count++;
    return column;
}

bool json_rows_have_parenthesis(struct json_rows *rows)
{
    const struct json_object *object = &rows->object;
    bool is_new = false, has = false;
    for (size_t i = 0; i < object->count; i++)
        is_new |= !object->member[i].is_expected;
    for (size_t i = 0; is_new && !has && i < object->count; i++)
        has = memchr(object->member[i].name.text, '(', object->member[i].name.size);
    if (is_new)
        rows->has_parenthesis = has;
    return rows->has_parenthesis;
}
