/* The file is text, a line for each item, with TABs between values:
 *
 *   awstats-cloudfront report 1
 *   site   NAME, percent-encoded
 *   from   DIGEST of the programs and the configuration
 *   month  YYYYMM  IS_NEWEST  TIME  SIZE  VISITS  PAGES  HITS  BYTES
 *   page   NAME  SIZE                of the month before
 */
#include "report/made.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory/allocate.h"
#include "report/page.h"
#include "report/web_file.h"
#include "text/percent.h"

#define NAME   ".report"
#define HEADER "awstats-cloudfront report 1"

/* ---- months --------------------------------------------------------------------------------- */

void made_name_month(char name[MADE_MONTH_SIZE], unsigned month)
{
    snprintf(name, MADE_MONTH_SIZE, "%04u-%02u", month / 100, month % 100);
}

struct made_month *made_find(const struct made *made, unsigned month)
{
    for (size_t i = 0; i < made->count; i++)
        if (made->months[i].month == month)
            return &made->months[i];
    return NULL;
}

struct made_month *made_add(struct made *made, unsigned month)
{
    size_t at = 0;
    made->months = array_grow(made->months, made->count, &made->capacity, sizeof *made->months);
    while (at < made->count && made->months[at].month < month)
        at++;
    memmove(made->months + at + 1, made->months + at, (made->count++ - at) * sizeof *made->months);
    made->months[at] = (struct made_month){.month = month};
    return &made->months[at];
}

void made_add_page(struct made_month *month, const char *name, int64_t size)
{
    month->pages = array_grow(month->pages, month->count, &month->capacity, sizeof *month->pages);
    month->pages[month->count++] = (struct made_page){memory_copy_text(name), size};
}

bool made_has_page(const struct made_month *month, const char *name)
{
    for (size_t i = 0; i < month->count; i++)
        if (!strcmp(month->pages[i].name, name))
            return true;
    return false;
}

void made_free_month(struct made_month *month)
{
    for (size_t i = 0; i < month->count; i++)
        free(month->pages[i].name);
    free(month->pages);
    month->pages = NULL;
    month->count = month->capacity = 0;
}

void made_free(struct made *made)
{
    for (size_t i = 0; i < made->count; i++)
        made_free_month(&made->months[i]);
    free(made->months);
    free(made->site);
    free(made->from);
    *made = (struct made){0};
}

/* ---- the file ------------------------------------------------------------------------------- */

/* Returns the text that was percent-encoded; the caller frees it. */
static char *decode(const char *text)
{
    char *out = memory_copy_text(text), *to = out;
    for (; *text; text++) {
        int byte = *text == '%' ? percent_byte(text + 1) : -1;
        *to++ = byte > 0 ? (char)byte : *text;
        text += byte > 0 ? 2 : 0;
    }
    *to = '\0';
    return out;
}

static bool read_month(struct made *made, const char *values)
{
    struct made_month month = {0};
    int is_newest;
    if (sscanf(values,
               "%u\t%d\t%" SCNd64 "\t%" SCNd64 "\t%" SCNu64 "\t%" SCNu64 "\t%" SCNu64 "\t%" SCNu64,
               &month.month, &is_newest, &month.time, &month.size, &month.sums.visits,
               &month.sums.pages, &month.sums.hits, &month.sums.bytes) != 8 ||
        (made->count && made->months[made->count - 1].month >= month.month))
        return false;
    month.is_newest = is_newest;
    *made_add(made, month.month) = month;
    return true;
}

static bool read_page(struct made *made, char *values)
{
    char *size = strchr(values, '\t');
    if (!size || !made->count)
        return false;
    *size++ = '\0';
    if (!page_is_name(values))
        return false;
    made_add_page(&made->months[made->count - 1], values, strtoll(size, NULL, 10));
    return true;
}

static bool read_line(struct made *made, char *line)
{
    char *values = strchr(line, '\t');
    if (!values)
        return false;
    *values++ = '\0';
    if (!strcmp(line, "month"))
        return read_month(made, values);
    if (!strcmp(line, "page"))
        return read_page(made, values);
    char **text = !strcmp(line, "site") ? &made->site : &made->from;
    free(*text);
    *text = decode(values);
    return true;
}

bool made_read(struct made *made, int folder)
{
    struct buffer text = {0};
    bool done = web_file_read(folder, NAME, &text);
    char *rest = text.data;
    const char *header = done ? strsep(&rest, "\n") : NULL;
    done = header && !strcmp(header, HEADER);
    while (done && rest && *rest)
        done = read_line(made, strsep(&rest, "\n"));
    done = done && made->site && made->from;
    buffer_free(&text);
    if (!done)
        made_free(made);
    return done;
}

/* Whether a byte stands in a line as it is. */
static bool is_plain(unsigned char byte)
{
    return byte >= ' ' && byte != '%';
}

static void add_text(struct buffer *out, const char *name, const char *text)
{
    buffer_printf(out, "%s\t", name);
    percent_encode(out, text, is_plain);
    buffer_add_text(out, "\n");
}

bool made_write(const struct made *made, int folder)
{
    struct buffer text = {0};
    buffer_add_text(&text, HEADER "\n");
    add_text(&text, "site", made->site);
    add_text(&text, "from", made->from);
    for (size_t i = 0; i < made->count; i++) {
        const struct made_month *month = &made->months[i];
        buffer_printf(&text,
                      "month\t%u\t%d\t%" PRId64 "\t%" PRId64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
                      "\t%" PRIu64 "\n",
                      month->month, month->is_newest, month->time, month->size, month->sums.visits,
                      month->sums.pages, month->sums.hits, month->sums.bytes);
        for (size_t j = 0; j < month->count; j++)
            buffer_printf(&text, "page\t%s\t%" PRId64 "\n", month->pages[j].name,
                          month->pages[j].size);
    }
    bool done = web_file_replace(folder, NAME, &text);
    buffer_free(&text);
    return done;
}
