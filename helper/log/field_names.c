#include "log/field_names.h"

#include <string.h>
#include <strings.h>

#include "log/layout.h"
#include "normalized/ascii.h"
#include "normalized/columns.h"
#include "text/nearest.h"

/* Amazon CloudFront Developer Guide, "Standard logging (v2)": the names that no layout of rows without a header has. */
static const char other_names[] = "timestamp(ms) viewer-request-log-data viewer-response-log-data";

/* A shorter word with two letters wrong may be any other name. */
enum { SHORT_SIZE = 8 };

/* A word that is compared with all names. */
struct search {
    const char *word;
    size_t size;
    bool is_name;
    struct nearest nearest;
    char field[FIELD_NAME_SIZE]; /* the nearest name */
};

/* Whether two names are the same, but for case and for bytes that are no letters and digits. */
static bool is_same(const char *a, size_t a_size, const char *b, size_t b_size)
{
    const char *a_end = a + a_size, *b_end = b + b_size;
    for (;; a++, b++) {
        while (a < a_end && !ascii_is_letter_or_digit(*a))
            a++;
        while (b < b_end && !ascii_is_letter_or_digit(*b))
            b++;
        if (a == a_end || b == b_end)
            return a == a_end && b == b_end;
        if (strncasecmp(a, b, 1))
            return false;
    }
}

/* Compares the word with a name.  column_find() alone tells whether the word is the name of a column that is used. */
static void try_name(struct search *search, const char *name, size_t size)
{
    char copy[FIELD_NAME_SIZE] = "";
    if (size >= sizeof copy)
        return;
    memcpy(copy, name, size);
    search->is_name |=
        column_find(name, size) == COLUMN_NONE && is_same(name, size, search->word, search->size);
    bool is_other = search->size < SHORT_SIZE && /* as skip is not s-ip */
                    !strchr(copy, '-') != !strchr(search->nearest.word, '-');
    if (!is_other)
        nearest_try(&search->nearest, copy);
    if (search->nearest.name == copy)
        search->nearest.name = memcpy(search->field, copy, sizeof copy);
}

static void try_names(struct search *search, const char *names)
{
    for (names += strspn(names, " "); *names; names += strspn(names, " ")) {
        size_t size = strcspn(names, " ");
        try_name(search, names, size);
        names += size;
    }
}

bool field_names_find_meant(const char *word, size_t size, char field[FIELD_NAME_SIZE])
{
    char dashed[FIELD_NAME_SIZE] = "";
    struct search search = {.word = word, .size = size, .nearest = {.word = dashed}};
    if (size >= sizeof dashed || column_find(word, size) != COLUMN_NONE)
        return false;
    for (size_t i = 0; i < size; i++)
        dashed[i] = word[i] == '_' ? '-' : word[i];
    for (const struct layout *layout = headerless_layouts; layout->name; layout++)
        try_names(&search, layout->columns);
    for (const struct layout *layout = real_time_layouts; layout->name; layout++)
        try_names(&search, layout->columns);
    try_names(&search, other_names);
    try_names(&search, columns_names);
    bool is_near = search.nearest.name && (size >= SHORT_SIZE || search.nearest.distance == 1);
    if (search.is_name || !is_near)
        return false;
    memcpy(field, search.field, FIELD_NAME_SIZE);
    return true;
}
