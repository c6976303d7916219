#include "report/page.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"

/* Finds a word between two places.  strstr() would end at a NUL in the page. */
static const char *find(const char *at, const char *end, const char *word)
{
    return memmem(at, (size_t)(end - at), word, strlen(word));
}

/* Returns the size of the page's name at the beginning of TEXT; 0 when there is no such name. */
static size_t name_size(const char *text)
{
    size_t size = strlen(PAGE_BASE);
    if (strncmp(text, PAGE_BASE ".", size + 1) != 0)
        return 0;
    if (strncmp(text + size, ".html", 5) != 0) {
        size_t output = ++size;
        while (isalnum((unsigned char)text[size]) || text[size] == '_')
            size++;
        if (size == output || strncmp(text + size, ".html", 5) != 0)
            return 0;
    }
    return size + 5;
}

bool page_is_name(const char *name)
{
    size_t size = name_size(name);
    return size && !name[size];
}

void page_find_links(const struct buffer *text, page_found *found, void *user)
{
    static const char mark[] = "href=\"";
    const char *end = text->data + text->size;
    for (const char *at = text->data; (at = find(at, end, mark));) {
        at += strlen(mark);
        size_t size = name_size(at);
        if (!size || (at[size] != '"' && at[size] != '#'))
            continue;
        char *name = memory_copy_bytes(at, size);
        found(user, name);
        free(name);
    }
}

bool page_is_whole(const struct buffer *text)
{
    const char *end = text->data + text->size;
    return text->size && find(text->data, end, "<body") && find(text->data, end, "</html>");
}

/* Adds a part of a page, without the address in its form, which has no button.  AWStats writes an address of a CGI
 * there, which may not exist, and the folder of the configuration, which readers should not learn. */
static void add_part(struct buffer *out, const char *at, const char *end)
{
    static const char form[] = "<form name=\"FormDateFilter\" action=\"";
    const char *found = find(at, end, form);
    const char *quote =
        found ? memchr(found + strlen(form), '"', (size_t)(end - found) - strlen(form)) : NULL;
    if (quote) {
        buffer_add(out, at, (size_t)(found - at) + strlen(form));
        at = quote;
    }
    buffer_add(out, at, (size_t)(end - at));
}

struct buffer page_with_links(const struct buffer *text, const char *month, const char *to_site,
                              const char *to_all)
{
    struct buffer out = {0};
    const char *body = find(text->data, text->data + text->size, "<body");
    const char *end = body ? strchr(body, '>') : NULL;
    size_t size = end ? (size_t)(end + 1 - text->data) : 0;
    buffer_add(&out, text->data, size);
    buffer_printf(&out,
                  "\n<div style=\"padding: 4px 8px; font: 13px sans-serif\"><a href=\"" PAGE_MAIN
                  "\">%s</a> | <a href=\"%s\">All months</a> | <a href=\"%s\">All sites</a></div>",
                  month, to_site, to_all);
    add_part(&out, text->data + size, text->data + text->size);
    return out;
}

struct buffer page_one_deeper(const struct buffer *page, const char *site)
{
    static const char mark[] = "=\"", above[] = "../";
    struct buffer out = {0}, to_site = {0};
    const char *at = page->data, *end = at + page->size, *found;
    buffer_printf(&to_site, "%s\"", site);
    while ((found = find(at, end, mark))) {
        found += strlen(mark);
        buffer_add(&out, at, (size_t)(found - at));
        if (!strncmp(found, above, strlen(above)) || !strncmp(found, to_site.data, to_site.size))
            buffer_add_text(&out, above);
        at = found;
    }
    buffer_add(&out, at, (size_t)(end - at));
    buffer_free(&to_site);
    return out;
}
