/* Lines of the old file that stay as they are.  When the lines were read, their keys and numbers were those that
 * AWStats writes, but numbers may be missing. */
#include <string.h>

#include "history/internal.h"
#include "history/text.h"

/* The most fields behind the key. */
enum { FIELDS = 4 };

/* Finds the fields behind the key, and stores their beginnings.  Returns their number; FIELDS + 1 if there are
 * more.  The last field is empty if the line ends with a space. */
static unsigned find_fields(const char *line, size_t size, size_t key_size, const char **field)
{
    const char *end = line + size, *space = line + key_size;
    unsigned fields = 0;
    while (space && fields < FIELDS) {
        field[fields++] = space + 1;
        space = memchr(space + 1, ' ', (size_t)(end - space - 1));
    }
    return fields + (space != NULL);
}

static bool copy(pTHX_ struct history *history, const char *line, size_t size)
{
    history_put(history, line, size - 1);
    history_end_line(aTHX_ history);
    return true;
}

/* Whether the line has COUNT numbers behind the key, and AWStats writes each of them in the same way: none is
 * missing or begins with "-", as "-0" does.  The number SELECT must not be 0, since AWStats writes no line for
 * such a key. */
static bool are_numbers(const char *const *number, unsigned found, unsigned count, unsigned select)
{
    if (found != count || *number[select] == '0')
        return false;
    for (unsigned i = 0; i < count; i++) {
        if (*number[i] == '\n' || *number[i] == '-')
            return false;
    }
    return true;
}

/* HOST PAGES HITS BYTES LAST
 * A host without a visit. */
bool history_copy_visitor(pTHX_ struct history *history, const struct found_section *section,
                          const char *line, size_t size, size_t key_size)
{
    const char *number[FIELDS];
    const unsigned found = find_fields(line, size, key_size, number);
    if (!are_numbers(number, found, FIELDS, section->kind->select) || *number[ROW_LAST] == '0')
        return false;
    history->known_hosts += !history_text_is_address(line, key_size);
    return copy(aTHX_ history, line, size);
}

/* KEY{ NUMBER}, a number for each column */
bool history_copy_numbers(pTHX_ struct history *history, const struct found_section *section,
                          const char *line, size_t size, size_t key_size)
{
    const char *number[FIELDS];
    const unsigned found = find_fields(line, size, key_size, number);
    return are_numbers(number, found, section->rows->columns, section->kind->select) &&
           copy(aTHX_ history, line, size);
}

/* AWStats may write a URL that has "//" in another way. */
bool history_copy_page(pTHX_ struct history *history, const struct found_section *section,
                       const char *line, size_t size, size_t key_size)
{
    return !memmem(line, key_size, "//", 2) &&
           history_copy_numbers(aTHX_ history, section, line, size, key_size);
}

/* AWStats writes the first page of a site without the last slash. */
bool history_copy_referer(pTHX_ struct history *history, const struct found_section *section,
                          const char *line, size_t size, size_t key_size)
{
    return line[key_size - 1] != '/' &&
           history_copy_numbers(aTHX_ history, section, line, size, key_size);
}

bool history_copy_phrase(pTHX_ struct history *history, const struct found_section *section,
                         const char *line, size_t size, size_t key_size)
{
    uint64_t searches;
    const struct field number = {line + key_size + 1, size - key_size - 2};
    if (!history_number(&number, &searches) ||
        !history_copy_numbers(aTHX_ history, section, line, size, key_size))
        return false;
    history_add_words(aTHX_ history, line, key_size, searches);
    return true;
}

/* KEY PAGES HITS BYTES [LAST]
 * A number that the section no longer counts must be 0, and its last time empty, as AWStats would write them. */
bool history_copy_extra_row(pTHX_ struct history *history, const struct found_section *section,
                            const char *line, size_t size, size_t key_size)
{
    const char *number[FIELDS];
    const struct extra_section *extra = section->extra;
    if (find_fields(line, size, key_size, number) != FIELDS || *number[ROW_BYTES] == '-' ||
        *number[ROW_LAST] == '0')
        return false;
    if ((!extra->pages && *number[ROW_PAGES] != '0') ||
        (!extra->bytes && *number[ROW_BYTES] != '0') || (!extra->last && *number[ROW_LAST] != '\n'))
        return false;
    return copy(aTHX_ history, line, size);
}

/* Whether AWStats reads the details of error pages from the same fields to which it writes them. */
static bool details_stay(pTHX_ const struct history *history)
{
    STRLEN details;
    const char *detail = SvPV_const(history->error_details, details);
    const struct update_loop *loop = history->loop;
    if (details != (STRLEN)loop->rules.error_referers + loop->rules.error_hosts)
        return false;
    return details < 2 || *detail == 'R' || *detail == 'r';
}

/* URL HITS[ REFERER][ HOST] */
bool history_copy_error_page(pTHX_ struct history *history, const struct found_section *section,
                             const char *line, size_t size, size_t key_size)
{
    const char *field[FIELDS];
    const unsigned found = find_fields(line, size, key_size, field);
    PERL_UNUSED_VAR(section);
    if (found != 1U + history->loop->rules.error_referers + history->loop->rules.error_hosts ||
        !details_stay(aTHX_ history))
        return false;
    for (unsigned i = 0; i < found; i++) {
        if (*field[i] == '0' || *field[i] == '\n')
            return false;
    }
    return copy(aTHX_ history, line, size);
}
