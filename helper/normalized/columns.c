#include "normalized/columns.h"

#include <string.h>
#include <strings.h>

#include "normalized/tabs.h"

static const struct {
    const char *name;
    enum column_text text;
} table[INPUT_COUNT] = {
#define COLUMN(identifier, name, text, tag) [COLUMN_##identifier] = {name, COLUMN_TEXT_##text},
#define INPUT(identifier, name)             [INPUT_##identifier] = {name, COLUMN_TEXT_PLAIN},
#include "normalized/columns.def"
#undef COLUMN
#undef INPUT
};

static const char spaced_names[] =
#define COLUMN(identifier, name, text, tag) " " name
#define INPUT(identifier, name)
#include "normalized/columns.def"
#undef COLUMN
#undef INPUT
    ;

const char *const columns_names = spaced_names + 1;

const char *const columns_absent =
#define COLUMN(identifier, name, text, tag) "\t-"
#define INPUT(identifier, name)
#include "normalized/columns.def"
#undef COLUMN
#undef INPUT
    ;

const char *column_name(enum column column)
{
    return table[column].name;
}

enum column_text column_text(enum column column)
{
    return table[column].text;
}

enum column column_find(const char *name, size_t size)
{
    for (int i = 0; i < INPUT_COUNT; i++)
        if (strlen(table[i].name) == size && !strncasecmp(table[i].name, name, size))
            return (enum column)i;
    return COLUMN_NONE;
}

struct field column_value(const char *record, size_t size, enum column column)
{
    const char *tab[COLUMN_COUNT + TABS_STEP];
    size_t tabs = tabs_find(record, size, tab, (size_t)column + 1);
    if (tabs < (size_t)column)
        return (struct field){record, 0};
    const char *begin = column ? tab[column - 1] + 1 : record;
    const char *end = tabs > (size_t)column ? tab[column] : record + size - 1;
    return (struct field){begin, (size_t)(end - begin)};
}
