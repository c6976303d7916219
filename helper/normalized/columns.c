#include "normalized/columns.h"

#include <string.h>

static const struct {
    const char *name;
    size_t size; /* of the name */
    enum column_text text;
} table[INPUT_COUNT] = {
#define COLUMN(identifier, name, text, tag)                                                        \
    [COLUMN_##identifier] = {name, sizeof name - 1, COLUMN_TEXT_##text},
#define INPUT(identifier, name) [INPUT_##identifier] = {name, sizeof name - 1, COLUMN_TEXT_PLAIN},
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

enum column_text column_text(enum column column)
{
    return table[column].text;
}

/* Returns a byte of a name as names are compared, 0 for one that is left out. */
static char fold(char byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return (char)(byte + ('a' - 'A'));
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ? byte : '\0';
}

/* Whether a name has nothing but letters and digits, as "csUriStem" has. */
static bool is_joined(const char *name, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!fold(name[i]))
            return false;
    return true;
}

static bool is_same_name(const char *a, const char *b, size_t b_size)
{
    const char *b_end = b + b_size;
    bool is_b_joined = is_joined(b, b_size);
    for (;;) {
        bool a_breaks = false, b_breaks = false;
        for (; *a && !fold(*a); a++)
            a_breaks = true;
        for (; b < b_end && !fold(*b); b++)
            b_breaks = true;
        if (!*a || b == b_end)
            return !*a && b == b_end;
        if ((a_breaks != b_breaks && !is_b_joined) || fold(*a++) != fold(*b++))
            return false;
    }
}

enum column column_find(const char *name, size_t size)
{
    for (int i = 0; i < INPUT_COUNT; i++)
        if (size == table[i].size && !memcmp(table[i].name, name, size))
            return (enum column)i; /* as almost all are written */
    char first = size ? fold(*name) : '\0';
    for (int i = 0; i < INPUT_COUNT; i++)
        if ((!first || first == fold(*table[i].name)) && is_same_name(table[i].name, name, size))
            return (enum column)i;
    if (first == 'c' && fold(name[size - 1]) == 'r' &&
        is_same_name("cs-referrer", name, size)) /* in tables of Athena */
        return COLUMN_REFERER;
    return COLUMN_NONE;
}

bool column_get(const char *line, size_t size, enum column column, struct field *value)
{
    const char *end = line + size - (size > 0 && line[size - 1] == '\n');
    for (enum column i = 0;; i++) {
        const char *tab = memchr(line, '\t', (size_t)(end - line));
        if (i == column) {
            *value = (struct field){line, (size_t)((tab ? tab : end) - line)};
            return true;
        }
        if (!tab)
            return false;
        line = tab + 1;
    }
}
