#include "history/split.h"

bool history_line_split(struct history_line *history, const char *line, size_t size)
{
    if (size < 2 || line[size - 1] != '\n')
        return false;
    size_t start = 0, end = size - 1;
    history->fields = 0;
    for (size_t at = 0; at < end; at++) {
        if ((signed char)line[at] > ' ')
            continue;
        if (line[at] != ' ') {
            if (line[at] >= '\t' && line[at] <= '\r')
                return false; /* white space to perl */
            continue;
        }
        if (at == start || history->fields == HISTORY_FIELDS)
            return false;
        history->field[history->fields++] = (struct field){line + start, at - start};
        start = at + 1;
    }
    if (start < end) {
        if (history->fields == HISTORY_FIELDS)
            return false;
        history->field[history->fields++] = (struct field){line + start, end - start};
    }
    return true;
}

bool history_number(const struct field *field, uint64_t *number)
{
    if (field->size == 0 || field->size > 18 || (field->text[0] == '0' && field->size > 1))
        return false;
    uint64_t sum = 0;
    for (size_t i = 0; i < field->size; i++) {
        unsigned digit = (unsigned char)field->text[i] - (unsigned)'0';
        if (digit > 9)
            return false;
        sum = sum * 10 + digit;
    }
    *number = sum;
    return true;
}
