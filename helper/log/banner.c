#include "log/banner.h"

#include <string.h>

#include "normalized/ascii.h"

static const char colons[] = "::::::::::::::"; /* of more */
static const char arrow[] = "==> ", arrow_end[] = " <==";

enum { COLONS_SIZE = sizeof colons - 1, ARROW_SIZE = sizeof arrow - 1, NAME_MAX_SIZE = 4096 };

/* Returns the place of the LF of the line at TEXT, or END for the last line of an object.  NULL: the line is too long
 * for a name, or the text ends too early to decide, with *IS_MORE set. */
static const char *find_end(const char *text, const char *end, bool is_end, bool *is_more)
{
    size_t left = (size_t)(end - text), searched = left < NAME_MAX_SIZE ? left : NAME_MAX_SIZE;
    const char *lf = memchr(text, '\n', searched);
    *is_more = !lf && !is_end && left < NAME_MAX_SIZE;
    return lf || *is_more || left >= NAME_MAX_SIZE ? lf : end;
}

static bool is_colons(const char *line, const char *line_end)
{
    size_t size = (size_t)(line_end - line);
    size -= size && line_end[-1] == '\r';
    return size == COLONS_SIZE && !memcmp(line, colons, COLONS_SIZE);
}

static bool is_arrow(const char *line, const char *line_end)
{
    size_t size = (size_t)(line_end - line);
    size -= size && line_end[-1] == '\r';
    return size > 2 * ARROW_SIZE && !memcmp(line, arrow, ARROW_SIZE) &&
           !memcmp(line + size - ARROW_SIZE, arrow_end, ARROW_SIZE);
}

/* Whether the name in a banner of head or tail has only bytes that do not separate the values of a row. */
static bool has_plain_name(const char *line, const char *line_end)
{
    const char *s = line + ARROW_SIZE, *end = line_end - ARROW_SIZE - (line_end[-1] == '\r');
    while (s < end && (ascii_is_letter_or_digit(*s) || (*s && strchr("._-/=", *s))))
        s++;
    return s == end;
}

size_t banner_find(const char *text, const char *end, bool is_end, bool is_first)
{
    enum { LINES = 3 };
    bool is_more;
    const char *s = text, *lf = NULL;
    if (s == end || (*s != *colons && *s != *arrow))
        return 0;
    for (int i = 0; i < LINES; i++) {
        lf = find_end(s, end, is_end, &is_more);
        if (!lf)
            return is_more ? BANNER_MORE : 0;
        if (!i && is_arrow(s, lf) && (is_first || has_plain_name(s, lf)))
            break;
        if (i == 1 ? lf == s : !is_colons(s, lf))
            return 0;
        s = lf < end ? lf + 1 : end;
    }
    return (size_t)((lf < end ? lf + 1 : end) - text);
}

const char *banner_place(const char *line, const char *lf)
{
    size_t size = (size_t)(lf - line);
    if (*line == *arrow)
        return line;
    size -= size && lf[-1] == '\r';
    bool has_colons = size >= COLONS_SIZE && line[size - 1] == *colons &&
                      !memcmp(line + size - COLONS_SIZE, colons, COLONS_SIZE);
    return has_colons ? line + size - COLONS_SIZE : NULL;
}
