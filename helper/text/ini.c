#include "text/ini.h"

#include <stdlib.h>
#include <string.h>

#include "files/read_file.h"
#include "memory/allocate.h"

enum { LINE_MAX_SIZE = 64 * 1024, FILE_MAX_SIZE = 4 * 1024 * 1024 };

struct parse {
    char line[LINE_MAX_SIZE + 1];    /* the present line, with a NUL */
    char section[LINE_MAX_SIZE + 1]; /* the name of the present section */
    unsigned number;
    ini_visitor *visit;
    void *user;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

/* Ends TEXT before the white space at its end. */
static void trim_end(char *text)
{
    size_t size = strlen(text);
    while (size && is_space(text[size - 1]))
        size--;
    text[size] = '\0';
}

static char *skip_space(char *text)
{
    while (is_space(*text))
        text++;
    return text;
}

static enum ini_result visit(struct parse *parse, const char *name, const char *value)
{
    struct ini_line line = {parse->section, name, value, parse->number};
    return parse->visit(parse->user, &line) ? INI_DONE : INI_ENDED;
}

/* Parses the header of a section; HEADER is the text after "[". */
static enum ini_result parse_header(struct parse *parse, char *header)
{
    char *end = strchr(header, ']');
    if (!end || end == header)
        return INI_MALFORMED;
    const char *behind = skip_space(end + 1);
    if (*behind && *behind != ';' && *behind != '#')
        return INI_MALFORMED;
    *end = '\0';
    trim_end(header);
    strcpy(parse->section, skip_space(header));
    return visit(parse, NULL, NULL);
}

static enum ini_result parse_setting(struct parse *parse, char *name)
{
    for (char *p = name; *p; p++)
        if (*p == ';' && is_space(p[-1])) { /* p > name: parse_line() skips spaces and comments */
            *p = '\0';
            break;
        }
    char *value = name + strcspn(name, "=:");
    if (!*value || value == name)
        return INI_MALFORMED;
    *value++ = '\0';
    trim_end(name);
    trim_end(value);
    return visit(parse, name, skip_space(value));
}

/* Parses one line of SIZE bytes, which has no LF. */
static enum ini_result parse_line(struct parse *parse, const char *text, size_t size)
{
    parse->number++;
    if (memchr(text, '\0', size < LINE_MAX_SIZE ? size : LINE_MAX_SIZE))
        return INI_MALFORMED;
    if (size > LINE_MAX_SIZE)
        return INI_TOO_LONG;
    memcpy(parse->line, text, size);
    parse->line[size] = '\0';
    char *start = parse->line;
    if (parse->number == 1 && !strncmp(start, "\xef\xbb\xbf", 3))
        start += 3;
    start = skip_space(start);
    if (!*start || *start == ';' || *start == '#')
        return INI_DONE;
    return *start == '[' ? parse_header(parse, start + 1) : parse_setting(parse, start);
}

enum ini_result ini_parse(const char *text, size_t size, ini_visitor *visitor, void *user,
                          unsigned *line)
{
    struct parse *parse = memory_allocate(1, sizeof *parse);
    enum ini_result result = INI_DONE;
    const char *end = text + size;
    parse->visit = visitor;
    parse->user = user;
    while (!result && text < end) {
        const char *line_end = memchr(text, '\n', (size_t)(end - text));
        if (!line_end)
            line_end = end;
        result = parse_line(parse, text, (size_t)(line_end - text));
        text = line_end + 1;
    }
    *line = parse->number;
    explicit_bzero(parse->line, sizeof parse->line); /* it may hold a secret */
    free(parse);
    return result;
}

enum ini_result ini_read(const char *path, ini_visitor *visitor, void *user, unsigned *line)
{
    size_t size;
    char *text = read_file(path, FILE_MAX_SIZE, &size);
    *line = 0;
    if (!text)
        return INI_UNREADABLE;
    size_t used = size > FILE_MAX_SIZE ? FILE_MAX_SIZE : size;
    enum ini_result result = ini_parse(text, used, visitor, user, line);
    if (!result && used < size)
        result = INI_TOO_LONG;
    explicit_bzero(text, used); /* it may hold a secret */
    free(text);
    return result;
}

const char *ini_error(enum ini_result result)
{
    return result == INI_TOO_LONG
               ? "the line is longer than 64 KiB, or the file larger than 4 MiB, so this cannot be "
                 "a configuration file; name the right file"
               : "the line is neither [SECTION] nor NAME = VALUE; correct or remove it";
}
