#include "report/index.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "memory/allocate.h"
#include "report/icons.h"
#include "report/page.h"
#include "report/web_file.h"
#include "text/number.h"
#include "text/percent.h"
#include "text/plain.h"

#define MARK "<meta name=\"generator\" content=\"awstats-cloudfront\">"

/* ---- names ---------------------------------------------------------------------------------- */

char *index_folder_name(const char *site)
{
    struct buffer name = {0};
    if (*site == '.' || !strcmp(site, ICONS_FOLDER) || !strcmp(site, INDEX_NAME)) {
        char escape[3];
        percent_put(escape, (unsigned char)*site++);
        buffer_add(&name, escape, sizeof escape);
    }
    percent_encode(&name, site, percent_is_word);
    return name.data;
}

/* ---- HTML ----------------------------------------------------------------------------------- */

/* Adds a text from outside: HTML's special characters as entities, bytes that are not characters as \xHH. */
static void add_text(struct buffer *out, const char *text)
{
    while (*text) {
        size_t size = plain_size(text);
        if (!size)
            buffer_printf(out, "\\x%02X", (unsigned char)*text);
        else if (size == 1 && strchr("<>&\"'", *text))
            buffer_printf(out, "&#%d;", *text);
        else
            buffer_add(out, text, size);
        text += size ? size : 1;
    }
}

/* Adds the time when a history was written. */
static void add_time(struct buffer *out, int64_t nanoseconds)
{
    time_t seconds = (time_t)(nanoseconds / 1000000000);
    struct tm local;
    char text[32];
    localtime_r(&seconds, &local);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local);
    buffer_add_text(out, text);
}

/* On a narrow screen, each row is shown as a block of lines, and each line begins with the name of its column. */
static const char style[] =
    ":root { color-scheme: light dark; }\n"
    "body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 0 auto; padding: 0 1em; }\n"
    "h1 { font-size: 1.4em; overflow-wrap: anywhere; }\n"
    "table { border-collapse: collapse; width: 100%; }\n"
    "th, td { padding: .3em .6em; text-align: right; border-bottom: 1px solid #8886; }\n"
    "th:first-child, td:first-child { text-align: left; overflow-wrap: anywhere; }\n"
    "@media (max-width: 45em) {\n"
    "tr:first-child { display: none; }\n"
    "tr, td { display: block; }\n"
    "tr { padding: .6em 0; border-bottom: 1px solid #8886; }\n"
    "td { padding: 0; border: 0; overflow: hidden; }\n"
    "td:first-child { font-weight: bold; }\n"
    "td::before { content: attr(data-name); float: left; }\n"
    "}\n";

/* The columns of figures. */
static const char *const columns[] = {"Visits", "Pages", "Hits", "Bytes", "Last update"};
enum { COLUMN_COUNT = sizeof columns / sizeof *columns };

/* Begins a page with a table.  TOP is the HTML above the table, HEADINGS that of its first columns. */
static void begin(struct buffer *out, const char *title, const char *top, const char *headings)
{
    buffer_add_text(out,
                    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" MARK
                    "\n<meta name=\"robots\" content=\"noindex,nofollow\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<title>");
    add_text(out, title);
    buffer_printf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>", style);
    add_text(out, title);
    buffer_printf(out, "</h1>\n%s<table>\n<tr>%s", top, headings);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        buffer_printf(out, "<th>%s</th>", columns[i]);
    buffer_add_text(out, "</tr>\n");
}

static void add_figures(struct buffer *out, const struct made_month *month)
{
    const uint64_t numbers[] = {month->sums.visits, month->sums.pages, month->sums.hits};
    size_t count = sizeof numbers / sizeof *numbers;
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        buffer_printf(out, "<td data-name=\"%s\">", columns[i]);
        if (i < count)
            number_add(out, numbers[i]);
        else if (i == count)
            number_add_bytes(out, month->sums.bytes);
        else
            add_time(out, month->time);
        buffer_add_text(out, "</td>");
    }
    buffer_add_text(out, "</tr>\n");
}

/* ---- writing -------------------------------------------------------------------------------- */

bool index_may_write(int folder, const char *path, struct buffer *error)
{
    struct buffer text = {0};
    bool may = web_file_read(folder, INDEX_NAME, &text) ? strstr(text.data, MARK) != NULL
                                                        : errno == ENOENT;
    buffer_free(&text);
    if (!may)
        buffer_printf(error,
                      "%s/" INDEX_NAME " is not a page of this program, which does not replace it; "
                      "name another folder for the report",
                      path);
    return may;
}

/* Ends the page, and writes it unless the folder has the same page already. */
static bool end(struct buffer *out, int folder)
{
    struct buffer before = {0};
    buffer_add_text(out, "</table>\n</body>\n</html>\n");
    bool done = (web_file_read(folder, INDEX_NAME, &before) && before.size == out->size &&
                 !memcmp(before.data, out->data, out->size)) ||
                web_file_replace(folder, INDEX_NAME, out);
    buffer_free(&before);
    buffer_free(out);
    return done;
}

bool index_write_site(const struct made *made, int folder)
{
    struct buffer out = {0};
    begin(&out, made->site, "<p><a href=\"../" INDEX_NAME "\">All sites</a></p>\n",
          "<th>Month</th>");
    for (size_t i = made->count; i-- > 0;) {
        const struct made_month *month = &made->months[i];
        char name[MADE_MONTH_SIZE];
        made_name_month(name, month->month);
        buffer_printf(&out, "<tr><td><a href=\"%s%s" PAGE_MAIN "\">%s</a></td>",
                      month->is_newest ? "" : name, month->is_newest ? "" : "/", name);
        add_figures(&out, month);
    }
    return end(&out, folder);
}

/* ---- all sites ------------------------------------------------------------------------------ */

/* The sites that have a report. */
struct found {
    struct made *sites;
    size_t count, capacity;
};

static int by_site(const void *a, const void *b)
{
    return strcmp(((const struct made *)a)->site, ((const struct made *)b)->site);
}

static bool find_sites(struct found *found, int folder)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    if (!directory)
        return false;
    while ((entry = readdir(directory))) {
        struct made made = {0};
        int below = *entry->d_name == '.' ? -1
                                          : openat(folder, entry->d_name,
                                                   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below < 0)
            continue;
        if (made_read(&made, below)) {
            found->sites =
                array_grow(found->sites, found->count, &found->capacity, sizeof *found->sites);
            found->sites[found->count++] = made;
        }
        close(below);
    }
    closedir(directory);
    if (found->count)
        qsort(found->sites, found->count, sizeof *found->sites, by_site);
    return true;
}

/* Adds the row of a site. */
static void add_site(struct buffer *out, const struct made *made)
{
    char *folder = index_folder_name(made->site), month[MADE_MONTH_SIZE];
    const struct made_month *newest = &made->months[made->count - 1];
    buffer_add_text(out, "<tr><td><a href=\"");
    percent_encode(out, folder, percent_is_word);
    buffer_add_text(out, "/" INDEX_NAME "\">");
    add_text(out, made->site);
    made_name_month(month, newest->month);
    buffer_add_text(out, "</a></td><td data-name=\"Month\"><a href=\"");
    percent_encode(out, folder, percent_is_word);
    if (!newest->is_newest)
        buffer_printf(out, "/%s", month);
    buffer_printf(out, "/" PAGE_MAIN "\">%s</a></td>", month);
    add_figures(out, newest);
    free(folder);
}

bool index_write_all(int folder)
{
    struct buffer out = {0};
    struct found found = {0};
    if (!find_sites(&found, folder))
        return false;
    begin(&out, "Reports", "", "<th>Site</th><th>Month</th>");
    for (size_t i = 0; i < found.count; i++) {
        if (found.sites[i].count)
            add_site(&out, &found.sites[i]);
        made_free(&found.sites[i]);
    }
    free(found.sites);
    return end(&out, folder);
}
