#include "log/json_rows.h"

#include <string.h>

#include "log/real_time.h"

void json_rows_begin(struct json_rows *rows, unsigned missing)
{
    rows->missing = missing;
    rows->object.count = rows->object.expected_count = 0;
    rows->columns = 0;
    rows->is_inside_line = rows->is_inside_long = rows->is_real_time = false;
    rows->has_new_name = rows->has_parenthesis = rows->has_real_time_name = false;
    rows->has_foreign = rows->has_empty = rows->lacks_time = false;
}

enum column json_rows_find(struct json_rows *rows, size_t number)
{
    struct json_object *object = &rows->object;
    struct field name = object->member[number].name;
    enum column column = column_find(name.text, name.size);
    bool is_plain = name.size <= JSON_NAME_MAX && !memchr(name.text, '"', name.size) &&
                    !memchr(name.text, '\\', name.size);
    rows->has_new_name = true;
    if (number > object->expected_count || !is_plain)
        return column;
    memcpy(object->expected[number].text, name.text, name.size);
    object->expected[number].size = name.size;
    rows->column[number] = column;
    if (number == object->expected_count)
        object->expected_count++;
    return column;
}

void json_rows_judge_names(struct json_rows *rows)
{
    const struct json_object *object = &rows->object;
    if (!rows->has_new_name)
        return;
    rows->has_new_name = rows->has_parenthesis = rows->has_real_time_name = false;
    for (size_t i = 0; i < object->count; i++) {
        struct field name = object->member[i].name;
        rows->has_parenthesis |= name.size && memchr(name.text, '(', name.size);
        rows->has_real_time_name |= real_time_has_name(name.text, name.size);
    }
}
