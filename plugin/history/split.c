#include "history/split.h"

#include "history/white.h"

/* A line whose fields are being found.  The next field begins at START. */
struct splitting {
    struct history_line *history;
    const char *start;
};

/* Ends a field.  Returns false if the line has another form. */
static inline bool end_field(struct splitting *splitting, const char *end)
{
    struct history_line *history = splitting->history;
    if (end == splitting->start || history->fields == HISTORY_FIELDS)
        return false;
    history->field[history->fields++] =
        (struct field){splitting->start, (size_t)(end - splitting->start)};
    splitting->start = end + 1;
    return true;
}

/* Ends a field at each white space.  Returns false if a white space is not a space. */
static inline bool end_fields(void *user, const char *text, uint64_t found)
{
    for (; found; found &= found - 1) {
        const char *space = bytes_first(text, found);
        if (*space != ' ' || !end_field(user, space))
            return false;
    }
    return true;
}

bool history_line_split(struct history_line *history, const char *line, size_t size)
{
    struct splitting splitting = {history, line};
    history->fields = 0;
    if (size < 2 || line[size - 1] != '\n' ||
        !bytes_visit(line, size - 1, white, end_fields, &splitting))
        return false;
    const char *end = line + size - 1;
    return splitting.start == end || end_field(&splitting, end);
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
