/* Fuzzes the reading of a line of an AWStats history file: its fields, with a space between, are
 * the line; and a number is what its digits say. */
#include <stdlib.h>
#include <string.h>

#include "history/split.h"

static void check_number(const struct field *field)
{
    uint64_t number, want = 0;

    if (!history_number(field, &number))
        return;
    if (!field->size || field->size > 18 || (field->size > 1 && field->text[0] == '0'))
        abort();
    for (size_t i = 0; i < field->size; i++) {
        if (field->text[i] < '0' || field->text[i] > '9')
            abort();
        want = want * 10 + (uint64_t)(field->text[i] - '0');
    }
    if (number != want)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct history_line history;
    char *line = malloc(size + 1);
    size_t at = 0;

    memcpy(line, data, size);
    line[size] = '\n';
    if (history_line_split(&history, line, size + 1)) {
        if (!history.fields || history.fields > HISTORY_FIELDS)
            abort();
        for (unsigned i = 0; i < history.fields; i++) {
            const struct field *field = &history.field[i];
            if (!field->size || field->text != line + at || field->size > size - at ||
                memchr(field->text, ' ', field->size) || memchr(field->text, '\n', field->size))
                abort();
            at += field->size;
            at += line[at] == ' ';
            check_number(field);
        }
        if (at != size)
            abort();
    }
    free(line);
    return 0;
}
