#include "setup/section.h"

#include <string.h>

#include "setup/mark.h"
#include "text/ini.h"

static const char file_head[] =
    "; The sites of awstats-cloudfront, a section each; see awstats-cloudfront.conf(5).\n";

/* Collects the lines of one section. */
struct collecting {
    const char *name;
    struct buffer *lines;
};

static bool collect_line(void *user, const struct ini_line *line)
{
    struct collecting *collecting = user;
    if (line->name && !strcmp(line->section, collecting->name))
        buffer_printf(collecting->lines, "%s = %s\n", line->name, line->value);
    return true;
}

void section_read(struct buffer *lines, const struct buffer *text, const char *name)
{
    struct collecting collecting = {name, lines};
    unsigned line;
    buffer_add_text(lines, "");
    ini_parse(text->data, text->size, collect_line, &collecting, &line);
}

/* Adds the beginning of the line before the section: the text up to the mark. */
static void add_mark_line(struct buffer *out, const char *name)
{
    buffer_printf(out, "; Section [%s]: written " MARK_WORDS, name);
}

void section_append(struct buffer *text, const char *name, const char *settings)
{
    char mark[MARK_SIZE + 1];
    struct buffer section = {0};
    buffer_printf(&section, "[%s]\n%s", name, settings);
    mark_make(mark, section.data, section.size);
    if (!text->size)
        buffer_add_text(text, file_head);
    if (text->data[text->size - 1] != '\n')
        buffer_add_text(text, "\n");
    buffer_add_text(text, "\n");
    add_mark_line(text, name);
    buffer_printf(text, "%s\n", mark);
    buffer_add(text, section.data, section.size);
    buffer_free(&section);
}

/* Returns the end of the line at S. */
static const char *line_end(const char *s)
{
    s += strcspn(s, "\n");
    return s + (*s == '\n');
}

/* Returns the end of the section whose header is at HEADER: the end of its last setting.  Comments behind
 * this setting may belong to the next section. */
static const char *section_end(const char *header)
{
    const char *end = line_end(header);
    for (const char *line = end; *line; line = line_end(line)) {
        const char *first = line + strspn(line, " \t\r\n\v\f");
        if (*first == '[')
            break;
        if (*first && *first != ';' && *first != '#' && first < line_end(line))
            end = line_end(line);
    }
    return end;
}

static void cut(struct buffer *text, const char *from, const char *to)
{
    char *start = text->data + (from - text->data);
    memmove(start, to, strlen(to) + 1);
    text->size -= (size_t)(to - from);
}

enum section_state section_find(struct buffer *text, const char *name, bool remove)
{
    struct buffer words = {0};
    enum section_state state = SECTION_NOT_MARKED;
    add_mark_line(&words, name);
    const char *line = text->size ? text->data : "";
    while (*line && strncmp(line, words.data, words.size))
        line = line_end(line);
    if (*line) {
        const char *mark = line + words.size, *header = line_end(line);
        const char *end = section_end(header);
        state =
            mark_fits(mark, header, (size_t)(end - header)) ? SECTION_UNCHANGED : SECTION_CHANGED;
        if (remove && state == SECTION_UNCHANGED) {
            if (line > text->data + 1 && line[-2] == '\n')
                line--; /* remove the empty line before the section, too */
            cut(text, line, end);
            if (!strcmp(text->data, file_head))
                buffer_clear(text);
        }
    }
    buffer_free(&words);
    return state;
}
